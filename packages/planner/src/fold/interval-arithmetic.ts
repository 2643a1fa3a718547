import { type IntervalValue, QueryError } from "@headcut/plan";
import { civilFromDays, daysFromCivil, daysInMonth, MICROS_PER_DAY } from "./civil-date.ts";

/** Checked: months and days are 32-bit, microseconds 64-bit integers. */
export const makeInterval = (months: bigint, days: bigint, micros: bigint): IntervalValue => {
  const fits =
    BigInt.asIntN(32, months) === months && BigInt.asIntN(32, days) === days && BigInt.asIntN(64, micros) === micros;
  if (!fits) throw new QueryError("overflow", "the result of the calculation does not fit INTERVAL");
  return { months: Number(months), days: Number(days), micros };
};

export const addIntervals = (a: IntervalValue, b: IntervalValue): IntervalValue =>
  makeInterval(BigInt(a.months + b.months), BigInt(a.days + b.days), a.micros + b.micros);

export const negateInterval = (value: IntervalValue): IntervalValue => scaleInterval(value, -1n);

export const scaleInterval = ({ months, days, micros }: IntervalValue, factor: bigint): IntervalValue =>
  makeInterval(BigInt(months) * factor, BigInt(days) * factor, micros * factor);

/** Months first, the day cut to the month's length, then days, then microseconds. */
export const addInterval = (timestampMicros: bigint, { months, days, micros }: IntervalValue): bigint => {
  const time = ((timestampMicros % MICROS_PER_DAY) + MICROS_PER_DAY) % MICROS_PER_DAY;
  const day = Number((timestampMicros - time) / MICROS_PER_DAY);
  const shiftedDay = months === 0 ? day : addMonths(day, months);
  return BigInt(shiftedDay + days) * MICROS_PER_DAY + time + micros;
};

/** Days since 1970-01-01, some months later. */
export const addMonths = (days: number, months: number): number => {
  const date = civilFromDays(days);
  const total = date.year * 12 + (date.month - 1) + months;
  const year = Math.floor(total / 12);
  const month = total - year * 12 + 1;
  return daysFromCivil(year, month, Math.min(date.day, daysInMonth(year, month)));
};
