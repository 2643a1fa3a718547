// Intervals as two words: microseconds; days in the low, months in the high half of the second.
import {
  DATE_INFINITY, dayOf, daysFromCivil, daysInMonth, dayOfTimestamp, isFiniteDate, isFiniteTimestamp, MICROS_PER_DAY, monthOf,
  NO_TIMESTAMP, splitDate, TIMESTAMP_INFINITY, timeOfTimestamp, timestampOf, yearOf,
} from "./calendar";
import { INVALID, OK, setFailure, setHigh } from "./outcome";

const DAYS_PER_MONTH: i64 = 30;

/** Length in whole months of 30 days of 24 hours, what is left in days, and what is left in microseconds. */
@inline
function monthsOf(micros: i64, high: u64): i64 {
  return (high >> 32) as i32 as i64 + (carriedDays(micros, high) / DAYS_PER_MONTH);
}

@inline
function carriedDays(micros: i64, high: u64): i64 {
  return (high as i32 as i64) + micros / MICROS_PER_DAY;
}

/** Below, at or above zero as interval `a` is shorter than, as long as or longer than `b`. */
export function intervalCompare(aMicros: i64, aHigh: u64, bMicros: i64, bHigh: u64): i32 {
  const months = order(monthsOf(aMicros, aHigh), monthsOf(bMicros, bHigh));
  if (months != 0) return months;
  const days = order(carriedDays(aMicros, aHigh) % DAYS_PER_MONTH, carriedDays(bMicros, bHigh) % DAYS_PER_MONTH);
  if (days != 0) return days;
  return order(aMicros % MICROS_PER_DAY, bMicros % MICROS_PER_DAY);
}

@inline
function order(a: i64, b: i64): i32 {
  return (a > b ? 1 : 0) - (a < b ? 1 : 0);
}

/** Equal for intervals that compare equal. */
export function intervalHash(micros: i64, high: u64): u64 {
  const days = monthsOf(micros, high) * 31 + (carriedDays(micros, high) % DAYS_PER_MONTH);
  return ((days as u64) * 0x9e3779b97f4a7c15) ^ ((micros % MICROS_PER_DAY) as u64);
}

@inline
function months(high: u64): i64 {
  return (high >> 32) as i32 as i64;
}

@inline
function days(high: u64): i64 {
  return high as i32 as i64;
}

/** Leaves the interval with these parts, or INVALID when months or days need more than 32 bits. */
function interval(monthCount: i64, dayCount: i64, micros: i64): i64 {
  const fits = monthCount == (monthCount as i32 as i64) && dayCount == (dayCount as i32 as i64);
  setFailure(fits ? OK : INVALID);
  setHigh((monthCount << 32) | (dayCount & 0xffffffff));
  return micros;
}

/** a + b, part by part; INVALID when a part overflows. */
export function intervalAdd(aMicros: i64, aHigh: u64, bMicros: i64, bHigh: u64): i64 {
  const micros = aMicros + bMicros;
  const result = interval(months(aHigh) + months(bHigh), days(aHigh) + days(bHigh), micros);
  if (((aMicros ^ micros) & (bMicros ^ micros)) < 0) setFailure(INVALID);
  return result;
}

/** -a, part by part; INVALID when a part is its type's least. */
export function intervalNegate(micros: i64, high: u64): i64 {
  const result = interval(-months(high), -days(high), -micros);
  if (micros == i64.MIN_VALUE) setFailure(INVALID);
  return result;
}

/** a * factor, part by part; INVALID when a part overflows, or the factor 32 bits. */
export function intervalMultiply(micros: i64, high: u64, factor: i64): i64 {
  if (factor != (factor as i32 as i64)) return interval(i64.MAX_VALUE, 0, 0);
  const product = micros * factor;
  const result = interval(months(high) * factor, days(high) * factor, product);
  if (factor == -1 ? micros == i64.MIN_VALUE : factor != 0 && product / factor != micros) setFailure(INVALID);
  return result;
}

/**
 * a * factor, where what is left of a month goes to days of 30 to the month, and of a day to
 * time, as PostgreSQL has it: fractions of days and seconds are rounded to six digits. INVALID when out of range.
 */
export function intervalScale(micros: i64, high: u64, factor: f64): i64 {
  const monthCount = (months(high) as f64) * factor;
  const dayCount = (days(high) as f64) * factor;
  const wholeMonths = Math.trunc(monthCount);
  let wholeDays = Math.trunc(dayCount);
  const monthDays = toSixDigits((monthCount - wholeMonths) * (DAYS_PER_MONTH as f64));
  const daySeconds = toSixDigits((dayCount - wholeDays + monthDays - Math.trunc(monthDays)) * 86400);
  const carried = Math.trunc(daySeconds / 86400);
  wholeDays += carried + Math.trunc(monthDays);
  const time = nearest((micros as f64) * factor + (daySeconds - carried * 86400) * 1000000);
  if (!(Math.abs(wholeMonths) < 2147483648.0 && Math.abs(wholeDays) < 2147483648.0 && Math.abs(time) < 9223372036854775808.0)) {
    setFailure(INVALID);
    return 0;
  }
  return interval(wholeMonths as i64, wholeDays as i64, time as i64);
}

@inline
function toSixDigits(value: f64): f64 {
  return nearest(value * 1000000) / 1000000;
}

/** The timestamp at a time of a day; NO_TIMESTAMP when out of range. Infinities stay. */
export function timestampAt(date: i32, time: i64): i64 {
  const midnight = timestampOfDate(date);
  return midnight == NO_TIMESTAMP || !isFiniteTimestamp(midnight) ? midnight : timestampOf(date, time);
}

/** The time from timestamp b to timestamp a, in days and microseconds; INVALID when out of range. */
export function timestampDifference(a: i64, b: i64): i64 {
  const delta = a - b;
  const result = interval(0, delta / MICROS_PER_DAY, delta % MICROS_PER_DAY);
  if (!isFiniteTimestamp(a) || !isFiniteTimestamp(b) || ((a ^ b) & (a ^ delta)) < 0) setFailure(INVALID);
  return result;
}

/**
 * A timestamp moved by an interval: first its months, whose last day bounds the day, then days, then time. NO_TIMESTAMP
 * when out of range; infinities stay.
 */
export function timestampAddInterval(timestamp: i64, micros: i64, high: u64): i64 {
  if (!isFiniteTimestamp(timestamp)) return timestamp;
  let date: i64 = dayOfTimestamp(timestamp) as i64;
  if (months(high) != 0) date = addMonths(date as i32, months(high));
  date += days(high) + micros / MICROS_PER_DAY;
  let time = timeOfTimestamp(timestamp) + (micros % MICROS_PER_DAY);
  if (time < 0) {
    time += MICROS_PER_DAY;
    date--;
  } else if (time >= MICROS_PER_DAY) {
    time -= MICROS_PER_DAY;
    date++;
  }
  return isFiniteDate(date) ? timestampOf(date, time) : NO_TIMESTAMP;
}

/** The same day of the month `count` months later, or the last day of that month when it is shorter. */
export function addMonths(date: i32, count: i64): i64 {
  splitDate(date);
  const month = (yearOf() as i64) * 12 + (monthOf() - 1) + count;
  const year = month >= 0 ? month / 12 : -((11 - month) / 12);
  const ofYear: i32 = (month - year * 12 + 1) as i32;
  return daysFromCivil(year, ofYear, min(dayOf(), daysInMonth(year, ofYear)));
}

/** A time of day moved by an interval's time, around midnight. */
export function timeAddInterval(time: i64, micros: i64): i64 {
  const moved = time + (micros % MICROS_PER_DAY);
  if (moved < 0) return moved + MICROS_PER_DAY;
  return moved >= MICROS_PER_DAY ? moved - MICROS_PER_DAY : moved;
}

/** Midnight of the date; NO_TIMESTAMP when timestamps do not reach it. */
export function timestampOfDate(date: i32): i64 {
  if (date == DATE_INFINITY) return TIMESTAMP_INFINITY;
  if (date == -DATE_INFINITY) return -TIMESTAMP_INFINITY;
  return timestampOf(date, 0);
}

/** The day of the timestamp, its infinities included. */
export function dateOfTimestamp(timestamp: i64): i32 {
  if (timestamp == TIMESTAMP_INFINITY) return DATE_INFINITY;
  return timestamp == -TIMESTAMP_INFINITY ? -DATE_INFINITY : dayOfTimestamp(timestamp);
}

/** date + days; the least i32, which is no date, when out of range. Infinities stay. */
export function dateAddDays(date: i32, count: i64): i32 {
  if (!isFiniteDate(date)) return date;
  const moved = (date as i64) + count;
  return isFiniteDate(moved) ? (moved as i32) : i32.MIN_VALUE;
}

/** Microseconds since the timestamp's midnight. */
export function timeOfDay(timestamp: i64): i64 {
  return timeOfTimestamp(timestamp);
}
