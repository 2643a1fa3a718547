import type { IntervalValue } from "@headcut/plan";
import { MICROS_PER_HOUR, MICROS_PER_MINUTE, MICROS_PER_SECOND } from "./civil-date.ts";

type Field = "months" | "days" | "micros";

interface Unit {
  readonly field: Field;
  readonly factor: bigint;
}

const UNITS: Readonly<Record<string, Unit>> = {
  millennium: { field: "months", factor: 12000n },
  century: { field: "months", factor: 1200n },
  decade: { field: "months", factor: 120n },
  year: { field: "months", factor: 12n },
  quarter: { field: "months", factor: 3n },
  month: { field: "months", factor: 1n },
  week: { field: "days", factor: 7n },
  day: { field: "days", factor: 1n },
  hour: { field: "micros", factor: MICROS_PER_HOUR },
  minute: { field: "micros", factor: MICROS_PER_MINUTE },
  second: { field: "micros", factor: MICROS_PER_SECOND },
  millisecond: { field: "micros", factor: 1000n },
  microsecond: { field: "micros", factor: 1n },
};

const ABBREVIATIONS: Readonly<Record<string, string>> = {
  millennia: "millennium",
  mil: "millennium",
  mils: "millennium",
  centuries: "century",
  c: "century",
  cent: "century",
  dec: "decade",
  decs: "decade",
  y: "year",
  yr: "year",
  yrs: "year",
  mon: "month",
  mons: "month",
  w: "week",
  d: "day",
  dayofmonth: "day",
  h: "hour",
  hr: "hour",
  hrs: "hour",
  m: "minute",
  min: "minute",
  mins: "minute",
  s: "second",
  sec: "second",
  secs: "second",
  ms: "millisecond",
  msec: "millisecond",
  msecs: "millisecond",
  us: "microsecond",
  usec: "microsecond",
  usecs: "microsecond",
};

/** The unit in the singular for any spelling DuckDB takes (`years`, `yr`, `mons`), or undefined. */
export const intervalUnit = (text: string): string | undefined => {
  const word = text.toLowerCase();
  if (word in UNITS) return word;
  if (word in ABBREVIATIONS) return ABBREVIATIONS[word];
  return word.endsWith("s") && word.slice(0, -1) in UNITS ? word.slice(0, -1) : undefined;
};

const PART = /^([+-]?)(\d+)(?:\.(\d*))?\s*([a-zA-Z]+)\s*/;

/** Fractions of a year or month become months and days of 30 per month, fractions of a day become time. */
const addPart = (total: Record<Field, bigint>, amount: bigint, divisor: bigint, unit: Unit): void => {
  const scaled = amount * unit.factor;
  total[unit.field] += scaled / divisor;
  const remainder = scaled % divisor;
  if (remainder === 0n || unit.field === "micros") return;
  if (unit.field === "months") addPart(total, remainder * 30n, divisor, UNITS.day!);
  else addPart(total, remainder * 24n, divisor, UNITS.hour!);
};

/** `1 year 2 months -3 days 04:05:06.7`, `ago` at the end negating all of it; undefined when it is not that. */
export const parseInterval = (input: string): IntervalValue | undefined => {
  let text = input.trim().replace(/^@\s*/, "");
  const ago = /\s+ago$/i.test(text);
  if (ago) text = text.replace(/\s+ago$/i, "");
  if (text === "") return undefined;
  const total: Record<Field, bigint> = { months: 0n, days: 0n, micros: 0n };
  while (text !== "") {
    const part = PART.exec(text);
    if (part !== null) {
      const unit = UNITS[intervalUnit(part[4]!) ?? ""];
      if (unit === undefined) return undefined;
      const fraction = (part[3] ?? "").slice(0, 9);
      const amount = BigInt(part[2]! + fraction);
      addPart(total, part[1] === "-" ? -amount : amount, 10n ** BigInt(fraction.length), unit);
      text = text.slice(part[0].length);
      continue;
    }
    const clock = parseClock(text);
    if (clock === undefined) return undefined;
    total.micros += clock.micros;
    text = text.slice(clock.end).trimStart();
  }
  const sign = ago ? -1n : 1n;
  const months = Number(total.months * sign);
  const days = Number(total.days * sign);
  const fits = (value: number): boolean => value >= -2147483648 && value <= 2147483647;
  const micros = total.micros * sign;
  return fits(months) && fits(days) && BigInt.asIntN(64, micros) === micros ? { months, days, micros } : undefined;
};

/** Unlike a time of day, any number of hours. */
const CLOCK = /^(\d{1,9}):(\d{1,2})(?::(\d{1,2})(?:\.(\d*))?)?/;

const parseClock = (text: string): { readonly micros: bigint; readonly end: number } | undefined => {
  const sign = /^[+-]/.exec(text)?.[0] ?? "";
  const match = CLOCK.exec(text.slice(sign.length));
  if (match === null) return undefined;
  const [whole, hours, minutes, seconds, fraction] = match;
  if (Number(minutes) > 59 || Number(seconds ?? 0) > 59) return undefined;
  const micros =
    BigInt(hours!) * MICROS_PER_HOUR +
    BigInt(minutes!) * MICROS_PER_MINUTE +
    BigInt(seconds ?? 0) * MICROS_PER_SECOND +
    BigInt((fraction ?? "").slice(0, 6).padEnd(6, "0"));
  return { micros: sign === "-" ? -micros : micros, end: sign.length + whole.length };
};
