// Truncation, differences and ages in units of time. Units are numbered as in src/expressions/call/date-units.ts.
import {
  dayOf, dayOfTimestamp, daysFromCivil, daysInMonth, floorDivide, MICROS_PER_DAY, monthOf, NO_TIMESTAMP, splitDate, timeOfTimestamp,
  timestampOf, yearOf,
} from "./calendar";
import { isoDayOfWeek } from "./date-parts";
import { INVALID, kernelFailure, OK, setFailure, setHigh } from "./outcome";

const MILLENNIUM: i32 = 0;
const CENTURY: i32 = 1;
const DECADE: i32 = 2;
const YEAR: i32 = 3;
const QUARTER: i32 = 4;
const MONTH: i32 = 5;
const WEEK: i32 = 6;
const DAY: i32 = 7;

/** Months of a unit of months; 0 of others. */
@inline
function monthsOf(unit: i32): i64 {
  if (unit == MONTH) return 1;
  if (unit == QUARTER) return 3;
  if (unit == YEAR) return 12;
  if (unit == DECADE) return 120;
  if (unit == CENTURY) return 1200;
  return unit == MILLENNIUM ? 12000 : 0;
}

/** Microseconds of a unit from week on. */
function microsOf(unit: i32): i64 {
  if (unit == WEEK) return 7 * MICROS_PER_DAY;
  if (unit == DAY) return MICROS_PER_DAY;
  if (unit == 8) return 3600000000;
  if (unit == 9) return 60000000;
  if (unit == 10) return 1000000;
  return unit == 11 ? 1000 : 1;
}

/** The timestamp with all below the unit set to its least; NO_TIMESTAMP when that is out of range. */
export function truncateTimestamp(timestamp: i64, unit: i32): i64 {
  if (unit > DAY) {
    const size = microsOf(unit);
    return floorDivide(timestamp, size) * size;
  }
  const date = dayOfTimestamp(timestamp);
  if (unit == DAY) return timestampOf(date, 0);
  if (unit == WEEK) return timestampOf((date as i64) - isoDayOfWeek(date) + 1, 0);
  splitDate(date);
  const year = yearOf() as i64;
  if (unit == MONTH) return timestampOf(daysFromCivil(year, monthOf(), 1), 0);
  if (unit == QUARTER) return timestampOf(daysFromCivil(year, ((monthOf() - 1) / 3) * 3 + 1, 1), 0);
  const years = monthsOf(unit) / 12;
  return timestampOf(daysFromCivil((year / years) * years, 1, 1), 0);
}

/** The interval without what is below the unit. */
export function truncateInterval(micros: i64, high: i64, unit: i32): i64 {
  const months = high >> 32;
  const days = high as i32 as i64;
  if (unit <= MONTH) {
    const size = monthsOf(unit);
    setHigh(((months / size) * size) << 32);
    return 0;
  }
  if (unit <= DAY) {
    setHigh((months << 32) | ((unit == WEEK ? (days / 7) * 7 : days) & 0xffffffff));
    return 0;
  }
  setHigh(high);
  const size = microsOf(unit);
  return (micros / size) * size;
}

/** Boundaries of the unit between the timestamps a and b; but of weeks the complete ones between their days, as in DuckDB. */
export function timestampBoundaries(a: i64, b: i64, unit: i32): i64 {
  if (unit > DAY) return floorDivide(b, microsOf(unit)) - floorDivide(a, microsOf(unit));
  const from = dayOfTimestamp(a);
  const to = dayOfTimestamp(b);
  if (unit == DAY) return (to as i64) - (from as i64);
  if (unit == WEEK) return ((to as i64) - (from as i64)) / 7;
  return unitsOfDate(to, unit) - unitsOfDate(from, unit);
}

/** Number of the date's month, quarter, year … */
function unitsOfDate(date: i32, unit: i32): i64 {
  splitDate(date);
  const year = yearOf() as i64;
  if (unit >= QUARTER) return (year * 12 + (monthOf() as i64) - 1) / monthsOf(unit);
  return year / (monthsOf(unit) / 12);
}

/** Complete units from timestamp a to b. */
export function completeUnits(a: i64, b: i64, unit: i32): i64 {
  if (unit >= WEEK) return (b - a) / microsOf(unit);
  return (a <= b ? completeMonths(a, b) : -completeMonths(b, a)) / monthsOf(unit);
}

/** As an age has them; but the last day of a month completes one that began on a later day of a longer month. */
function completeMonths(from: i64, to: i64): i64 {
  let start = from;
  splitDate(dayOfTimestamp(to));
  const lastDay = daysInMonth(yearOf(), monthOf());
  if (dayOf() == lastDay) {
    splitDate(dayOfTimestamp(from));
    if (dayOf() > lastDay || (dayOf() == lastDay && timeOfTimestamp(from) < timeOfTimestamp(to))) {
      start = timestampOf(daysFromCivil(yearOf(), monthOf(), lastDay), timeOfTimestamp(from));
    }
  }
  timestampAge(to, start);
  return ageMonths;
}

let ageMonths: i64 = 0;

/** a - b in months, days and microseconds, each borrowed from the next where below zero; of the sign of a - b. */
export function timestampAge(a: i64, b: i64): i64 {
  const negative = a < b;
  const aDate = dayOfTimestamp(a);
  const bDate = dayOfTimestamp(b);
  splitDate(aDate);
  const aYear = yearOf() as i64;
  const aMonth = monthOf();
  const aDay = dayOf();
  splitDate(bDate);
  let months = (aYear - yearOf()) * 12 + ((aMonth - monthOf()) as i64);
  let days: i64 = aDay - dayOf();
  let micros = timeOfTimestamp(a) - timeOfTimestamp(b);
  if (negative) {
    months = -months;
    days = -days;
    micros = -micros;
  }
  if (micros < 0) {
    micros += MICROS_PER_DAY;
    days--;
  }
  // A borrowed month is the one in which the earlier timestamp lies.
  const monthDays: i64 = negative ? daysInMonth(aYear, aMonth) : daysInMonth(yearOf(), monthOf());
  while (days < 0) {
    days += monthDays;
    months--;
  }
  if (negative) {
    months = -months;
    days = -days;
    micros = -micros;
  }
  ageMonths = months;
  setHigh((months << 32) | (days & 0xffffffff));
  return micros;
}

/** The date; INVALID when there is none. */
export function makeDate(year: i64, month: i64, day: i64): i32 {
  setFailure(INVALID);
  if (year < -5877641 || year > 5881580 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month as i32)) return 0;
  const days = daysFromCivil(year, month as i32, day as i32);
  if (days <= -(i32.MAX_VALUE as i64) || days >= (i32.MAX_VALUE as i64)) return 0;
  setFailure(OK);
  return days as i32;
}

/** The time of day in microseconds, 24:00:00 included; INVALID when there is none. */
export function makeTime(hour: i64, minute: i64, seconds: f64): i64 {
  const valid = hour >= 0 && hour <= 24 && minute >= 0 && minute < 60 && seconds >= 0 && seconds < 60;
  const micros = valid ? (hour * 60 + minute) * 60000000 + (Math.round(seconds * 1000000) as i64) : 0;
  setFailure(valid && micros <= MICROS_PER_DAY ? OK : INVALID);
  return micros;
}

export function makeTimestamp(year: i64, month: i64, day: i64, hour: i64, minute: i64, seconds: f64): i64 {
  const time = makeTime(hour, minute, seconds);
  const timeFailure = kernelFailure();
  const date = makeDate(year, month, day);
  const timestamp = timestampOf(date, time);
  if (timeFailure != OK || timestamp == NO_TIMESTAMP) setFailure(INVALID);
  return timestamp;
}

/** count * size months (part 0) or days (1) or microseconds (2) as an interval; INVALID beyond its range. */
export function intervalOf(count: i64, part: i32, size: i64): i64 {
  const product = count * size;
  let fits = count == 0 || (product / count == size && !(count == -1 && size == i64.MIN_VALUE));
  if (part != 2 && product != (product as i32 as i64)) fits = false;
  setFailure(fits ? OK : INVALID);
  setHigh(part == 0 ? product << 32 : part == 1 ? product & 0xffffffff : 0);
  return part == 2 ? product : 0;
}

/** The nearest number of microseconds; INVALID beyond 64 bits. */
export function microsOfDouble(value: f64, size: f64): i64 {
  const micros = nearest(value * size);
  const fits = micros >= -9223372036854775808.0 && micros < 9223372036854775808.0;
  setFailure(fits ? OK : INVALID);
  setHigh(0);
  return fits ? (micros as i64) : 0;
}
