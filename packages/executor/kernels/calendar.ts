// The proleptic Gregorian calendar on days since 1970-01-01 (algorithms: Howard Hinnant, "chrono-compatible low-level
// date algorithms"). Years count astronomically: the year 0 is 1 BC.

export const MICROS_PER_DAY: i64 = 86400000000;
/** What DuckDB calls infinity and -infinity. */
export const DATE_INFINITY: i32 = i32.MAX_VALUE;
export const TIMESTAMP_INFINITY: i64 = i64.MAX_VALUE;
/** Never a timestamp: the result of what is out of range. */
export const NO_TIMESTAMP: i64 = i64.MIN_VALUE;

// Year, month and day of the last `splitDate`.
let splitYear: i32 = 0;
let splitMonth: i32 = 0;
let splitDay: i32 = 0;

export function splitDate(days: i32): void {
  const shifted: i64 = (days as i64) + 719468;
  const era: i32 = floorDivide(shifted, 146097) as i32;
  const dayOfEra: u32 = (shifted - (era as i64) * 146097) as u32;
  const yearOfEra: u32 = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
  const dayOfYear: u32 = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  const fromMarch: u32 = (5 * dayOfYear + 2) / 153;
  splitDay = (dayOfYear - (153 * fromMarch + 2) / 5 + 1) as i32;
  splitMonth = (fromMarch < 10 ? fromMarch + 3 : fromMarch - 9) as i32;
  splitYear = (yearOfEra as i32) + era * 400 + (splitMonth <= 2 ? 1 : 0);
}

@inline
export function yearOf(): i32 {
  return splitYear;
}

@inline
export function monthOf(): i32 {
  return splitMonth;
}

@inline
export function dayOf(): i32 {
  return splitDay;
}

/** Days since 1970-01-01; the day may be any number. */
export function daysFromCivil(year: i64, month: i32, day: i32): i64 {
  const shifted = month <= 2 ? year - 1 : year;
  const era = floorDivide(shifted, 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = (153 * ((month > 2 ? month - 3 : month + 9) as i64) + 2) / 5 + (day as i64) - 1;
  return era * 146097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719468;
}

@inline
export function floorDivide(a: i64, b: i64): i64 {
  const quotient = a / b;
  return a % b < 0 ? quotient - 1 : quotient;
}

@inline
export function isLeap(year: i64): bool {
  return (year & 3) == 0 && (year % 100 != 0 || year % 400 == 0);
}

export function daysInMonth(year: i64, month: i32): i32 {
  if (month == 2) return isLeap(year) ? 29 : 28;
  return 30 + ((month + (month >> 3)) & 1);
}

/** Whether the number of days is a date that is not infinite. */
@inline
export function isFiniteDate(days: i64): bool {
  return days > -(DATE_INFINITY as i64) && days < (DATE_INFINITY as i64);
}

/** Microseconds since 1970-01-01 of a day and a time of day below 24 h; NO_TIMESTAMP when that is out of range. */
export function timestampOf(days: i64, micros: i64): i64 {
  // 106751991 days are just below 2^63 microseconds.
  if (days < -106751991 || days > 106751991) return NO_TIMESTAMP;
  const base = days * MICROS_PER_DAY;
  const sum = base + micros;
  return sum < base || sum == TIMESTAMP_INFINITY ? NO_TIMESTAMP : sum;
}

@inline
export function isFiniteTimestamp(timestamp: i64): bool {
  return timestamp != TIMESTAMP_INFINITY && timestamp != -TIMESTAMP_INFINITY;
}

@inline
export function dayOfTimestamp(timestamp: i64): i32 {
  return floorDivide(timestamp, MICROS_PER_DAY) as i32;
}

@inline
export function timeOfTimestamp(timestamp: i64): i64 {
  return timestamp - floorDivide(timestamp, MICROS_PER_DAY) * MICROS_PER_DAY;
}
