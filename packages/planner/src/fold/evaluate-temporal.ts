import { type DataType, type IntervalValue, QueryError, type Value } from "@headcut/plan";
import {
  civilFromDays,
  daysFromCivil,
  MICROS_PER_DAY,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  validDays,
} from "./civil-date.ts";
import { makeInterval } from "./interval-arithmetic.ts";

/** A date or timestamp as days since 1970-01-01 and microseconds of the day. */
const split = (value: Value, type: DataType): { readonly days: number; readonly micros: bigint } => {
  if (type.kind === "date") return { days: value as number, micros: 0n };
  const ticks = value as bigint;
  const micros = ((ticks % MICROS_PER_DAY) + MICROS_PER_DAY) % MICROS_PER_DAY;
  return { days: Number((ticks - micros) / MICROS_PER_DAY), micros };
};

/** Parts of a date or timestamp; the rest of the catalogue's parts is left to execution. */
const PARTS: Readonly<Record<string, (days: number, micros: bigint) => number>> = {
  year: (days) => civilFromDays(days).year,
  month: (days) => civilFromDays(days).month,
  day: (days) => civilFromDays(days).day,
  quarter: (days) => Math.floor((civilFromDays(days).month - 1) / 3) + 1,
  // 1970-01-01 was a Thursday.
  dayofweek: (days) => (((days + 4) % 7) + 7) % 7,
  hour: (_, micros) => Number(micros / MICROS_PER_HOUR),
  minute: (_, micros) => Number((micros / MICROS_PER_MINUTE) % 60n),
  second: (_, micros) => Number((micros / 1_000_000n) % 60n),
};

const INTERVALS: Readonly<Record<string, readonly [field: "months" | "days" | "micros", factor: bigint]>> = {
  to_millennia: ["months", 12000n],
  to_centuries: ["months", 1200n],
  to_decades: ["months", 120n],
  to_years: ["months", 12n],
  to_quarters: ["months", 3n],
  to_months: ["months", 1n],
  to_weeks: ["days", 7n],
  to_days: ["days", 1n],
  to_hours: ["micros", MICROS_PER_HOUR],
  to_minutes: ["micros", MICROS_PER_MINUTE],
  to_microseconds: ["micros", 1n],
};

const intervalOf = (field: "months" | "days" | "micros", amount: bigint): IntervalValue =>
  makeInterval(field === "months" ? amount : 0n, field === "days" ? amount : 0n, field === "micros" ? amount : 0n);

const secondsInterval = (seconds: number, microsPerUnit: number): IntervalValue | undefined => {
  const micros = Math.round(seconds * microsPerUnit);
  return Number.isSafeInteger(micros) ? intervalOf("micros", BigInt(micros)) : undefined;
};

const makeDate = (year: bigint, month: bigint, day: bigint): number => {
  const days = validDays(Number(year), Number(month), Number(day));
  if (days === undefined) throw new QueryError("conversion", `there is no date ${year}-${month}-${day}`);
  return days;
};

/** Years per unit, for units that are a number of years. */
const YEARS: Readonly<Record<string, number>> = { year: 1, decade: 10, century: 100, millennium: 1000 };
const MICROS: Readonly<Record<string, bigint>> = {
  day: MICROS_PER_DAY,
  hour: MICROS_PER_HOUR,
  minute: MICROS_PER_MINUTE,
  second: 1_000_000n,
  millisecond: 1000n,
  microsecond: 1n,
};

/** A timestamp with everything below the unit set to its least; undefined for units this does not know. */
const truncated = (unit: string, ticks: bigint): bigint | undefined => {
  const micros = MICROS[unit];
  if (micros !== undefined) return ticks - (((ticks % micros) + micros) % micros);
  const { days } = split(ticks, { kind: "timestamp", unit: "us", utc: false });
  const first = firstDay(unit, days);
  return first === undefined ? undefined : BigInt(first) * MICROS_PER_DAY;
};

const firstDay = (unit: string, days: number): number | undefined => {
  // 1970-01-01 was a Thursday, weeks start on Monday.
  if (unit === "week") return days - ((((days + 3) % 7) + 7) % 7);
  const { year, month } = civilFromDays(days);
  const years = YEARS[unit];
  if (years !== undefined) return daysFromCivil(Math.trunc(year / years) * years, 1, 1);
  if (unit === "month") return daysFromCivil(year, month, 1);
  return unit === "quarter" ? daysFromCivil(year, month - ((month - 1) % 3), 1) : undefined;
};

/** A function of the catalogue on dates, times and intervals whose arguments are not NULL; undefined when it is not done here. */
export const evaluateTemporal = (
  name: string,
  args: readonly Value[],
  types: readonly DataType[],
): Value | undefined => {
  const [first, second, third] = args;
  const part = PARTS[name];
  const type = types[0];
  if (part !== undefined && (type?.kind === "date" || type?.kind === "timestamp")) {
    const { days, micros } = split(first!, type);
    return BigInt(part(days, micros));
  }
  const made = INTERVALS[name];
  if (made !== undefined) return intervalOf(made[0], (first as bigint) * made[1]);
  switch (name) {
    case "to_seconds":
      return secondsInterval(first as number, 1_000_000);
    case "to_milliseconds":
      return secondsInterval(first as number, 1000);
    case "date_trunc":
      return types[1]?.kind === "timestamp" ? truncated(first as string, second as bigint) : undefined;
    case "make_date":
      return makeDate(first as bigint, second as bigint, third as bigint);
    default:
      return undefined;
  }
};
