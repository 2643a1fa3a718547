import { MICROS_PER_DAY } from "./civil-date.ts";

const TIME = /^(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d*))?)?/;

export interface ParsedTime {
  /** Nanoseconds since midnight; 24:00:00 is the end of the day. */
  readonly nanos: bigint;
  /** Offset behind the time. */
  readonly end: number;
}

/** `HH:MM[:SS[.fraction]]` at the start of the text; digits beyond nanoseconds are dropped. */
export const parseTimePrefix = (text: string): ParsedTime | undefined => {
  const match = TIME.exec(text);
  if (match === null) return undefined;
  const hour = Number(match[1]);
  const minute = Number(match[2]);
  const second = Number(match[3] ?? 0);
  const fraction = Number((match[4] ?? "").slice(0, 9).padEnd(9, "0"));
  if (minute > 59 || second > 59 || hour > 24 || (hour === 24 && minute + second + fraction > 0)) return undefined;
  return {
    nanos: BigInt(hour * 3600 + minute * 60 + second) * 1_000_000_000n + BigInt(fraction),
    end: match[0].length,
  };
};

/** Nanoseconds since midnight of a whole text, which may have a date before the time. */
export const parseTime = (text: string): bigint | undefined => {
  const trimmed = text.trim().replace(/^-?\d{1,7}([-/\\])\d{1,2}\1\d{1,2}[ T]\s*/, "");
  const time = parseTimePrefix(trimmed);
  return time !== undefined && time.end === trimmed.length && time.nanos <= MICROS_PER_DAY * 1000n
    ? time.nanos
    : undefined;
};
