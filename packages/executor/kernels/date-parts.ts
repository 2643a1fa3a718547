// Parts of dates. Week, weekday and year of ISO 8601: weeks begin on Monday, the first holds the year's first Thursday.
import { dayOf, daysFromCivil, floorDivide, monthOf, splitDate, yearOf } from "./calendar";

export function yearOfDate(date: i32): i64 {
  splitDate(date);
  return yearOf() as i64;
}

export function monthOfDate(date: i32): i64 {
  splitDate(date);
  return monthOf() as i64;
}

export function dayOfDate(date: i32): i64 {
  splitDate(date);
  return dayOf() as i64;
}

export function quarterOfDate(date: i32): i64 {
  return (monthOfDate(date) + 2) / 3;
}

/** Sunday 0 … Saturday 6. */
export function dayOfWeek(date: i32): i64 {
  return floorModulo((date as i64) + 4, 7);
}

/** Monday 1 … Sunday 7. */
export function isoDayOfWeek(date: i32): i64 {
  return floorModulo((date as i64) + 3, 7) + 1;
}

export function dayOfYear(date: i32): i64 {
  const year = yearOfDate(date);
  return (date as i64) - daysFromCivil(year, 1, 1) + 1;
}

/** The Thursday of the date's ISO week decides its year. */
@inline
function thursdayOf(date: i32): i64 {
  return (date as i64) - floorModulo((date as i64) + 3, 7) + 3;
}

export function isoYear(date: i32): i64 {
  return yearOfDate(thursdayOf(date) as i32);
}

export function isoWeek(date: i32): i64 {
  const thursday = thursdayOf(date);
  return (thursday - daysFromCivil(yearOfDate(thursday as i32), 1, 1)) / 7 + 1;
}

/** isoYear * 100 + week; of a year below zero, with the week subtracted. */
export function yearWeek(date: i32): i64 {
  const year = isoYear(date);
  const week = isoWeek(date);
  return year * 100 + (year >= 0 ? week : -week);
}

export function decadeOfDate(date: i32): i64 {
  return yearOfDate(date) / 10;
}

/** The 1st begins with the year 1, the -1st ends with the year 0. */
export function centuryOfDate(date: i32): i64 {
  return eraOf(yearOfDate(date), 100);
}

export function millenniumOfDate(date: i32): i64 {
  return eraOf(yearOfDate(date), 1000);
}

@inline
function eraOf(year: i64, length: i64): i64 {
  return year > 0 ? (year - 1) / length + 1 : year / length - 1;
}

/** 1 from the year 1 on, else 0. */
export function eraOfDate(date: i32): i64 {
  return yearOfDate(date) > 0 ? 1 : 0;
}

export function lastDayOfMonth(date: i32): i32 {
  splitDate(date);
  const month = monthOf();
  const next = month == 12 ? daysFromCivil((yearOf() as i64) + 1, 1, 1) : daysFromCivil(yearOf(), month + 1, 1);
  return (next - 1) as i32;
}

@inline
function floorModulo(a: i64, b: i64): i64 {
  return a - floorDivide(a, b) * b;
}
