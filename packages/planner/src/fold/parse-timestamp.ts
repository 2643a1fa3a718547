import { MICROS_PER_DAY, MICROS_PER_SECOND } from "./civil-date.ts";
import { parseDatePrefix } from "./parse-date.ts";
import { parseTimePrefix } from "./parse-time.ts";

const OFFSET = /^([+-])(\d{1,2})(?::?(\d{2})(?::?(\d{2}))?)?$/;

export interface ParsedTimestamp {
  /** Nanoseconds since 1970-01-01T00:00:00 of the local date and time as written. */
  readonly nanos: bigint;
  /** Nanoseconds that the written zone is ahead of UTC. */
  readonly offsetNanos: bigint;
}

/**
 * `YYYY-MM-DD[( |T)HH:MM[:SS[.fraction]][Z| UTC|±HH[:MM[:SS]]]]`, or undefined. Digits beyond nanoseconds are dropped.
 * What to do with the zone is the caller's: a TIMESTAMP ignores it, a TIMESTAMP WITH TIME ZONE subtracts it.
 */
export const parseTimestamp = (input: string): ParsedTimestamp | undefined => {
  const text = input.trim();
  if (text.toLowerCase() === "epoch") return { nanos: 0n, offsetNanos: 0n };
  const date = parseDatePrefix(text);
  if (date === undefined) return undefined;
  const day = BigInt(date.days) * MICROS_PER_DAY * 1000n;
  const rest = text.slice(date.end);
  if (rest === "") return { nanos: day, offsetNanos: 0n };
  const separator = /^(?:T|\s+)/.exec(rest);
  if (separator === null) return undefined;
  const clock = rest.slice(separator[0].length);
  const time = parseTimePrefix(clock);
  if (time === undefined) return undefined;
  const offsetNanos = zoneOffset(clock.slice(time.end));
  return offsetNanos === undefined ? undefined : { nanos: day + time.nanos, offsetNanos };
};

const zoneOffset = (zone: string): bigint | undefined => {
  if (zone === "" || /^(?:Z| ?UTC)$/i.test(zone)) return 0n;
  const match = OFFSET.exec(zone);
  if (match === null) return undefined;
  const seconds = Number(match[2]) * 3600 + Number(match[3] ?? 0) * 60 + Number(match[4] ?? 0);
  return BigInt(match[1] === "-" ? -seconds : seconds) * MICROS_PER_SECOND * 1000n;
};
