// Dates, times and timestamps from text, in the forms DuckDB reads.
import {
  DATE_INFINITY, daysFromCivil, daysInMonth, isFiniteDate, MICROS_PER_DAY, NO_TIMESTAMP, TIMESTAMP_INFINITY, timestampOf,
} from "./calendar";
import { INVALID, OK, setFailure } from "./outcome";
import { isDigit, isSpace } from "./parse-numbers";
import { addressOf, lengthOf } from "./reference";

const MINUS: u8 = 0x2d;
const COLON: u8 = 0x3a;
const POINT: u8 = 0x2e;
const SPACE: u8 = 0x20;

// Where the parts below stopped.
let position: usize = 0;
/** Fraction digits of the last time beyond microseconds, as nanoseconds. */
let nanoseconds: i64 = 0;

/** Up to `most` digits from `position`; -1 when there is none. */
function digits(end: usize, most: i32): i64 {
  let value: i64 = 0;
  let count = 0;
  while (position < end && count < most && isDigit(load<u8>(position))) {
    value = value * 10 + ((load<u8>(position) - 0x30) as i64);
    position++;
    count++;
  }
  return count == 0 ? -1 : value;
}

@inline
function take(byte: u8, end: usize): bool {
  if (position >= end || load<u8>(position) != byte) return false;
  position++;
  return true;
}

/** Whether these lower-case letters (first in the lowest byte), in any case, come next; then they are taken. */
export function takeWord(word: u64, bytes: u32, end: usize): bool {
  if (end - position < bytes) return false;
  for (let i: u32 = 0; i < bytes; i++) {
    if ((load<u8>(position + i) | 0x20) as u64 != ((word >> (i << 3)) & 0xff)) return false;
  }
  position += bytes;
  return true;
}

const NO_DATE: i64 = i64.MIN_VALUE;
const INFINITY: u64 = 0x7974696e69666e69;
const EPOCH: u64 = 0x68636f7065;

/** infinity, -infinity, inf, -inf or epoch, as days; NO_DATE when it is none of them. */
function specialDate(end: usize): i64 {
  const from = position;
  if (takeWord(EPOCH, 5, end)) return 0;
  const negative = take(MINUS, end);
  if (takeWord(INFINITY, 8, end) || takeWord(INFINITY, 3, end)) {
    return negative ? -(DATE_INFINITY as i64) : (DATE_INFINITY as i64);
  }
  position = from;
  return NO_DATE;
}

/** [-]year, month and day with -, / , space or backslash between them, and perhaps " (BC)"; NO_DATE when there is none. */
function civilDate(end: usize): i64 {
  const negative = take(MINUS, end);
  let year = digits(end, 9);
  if (year < 0 || position >= end) return NO_DATE;
  const separator = load<u8>(position);
  if (separator != MINUS && separator != 0x2f && separator != SPACE && separator != 0x5c) return NO_DATE;
  position++;
  const month: i32 = digits(end, 2) as i32;
  if (month < 1 || month > 12 || !take(separator, end)) return NO_DATE;
  const day: i32 = digits(end, 2) as i32;
  if (day < 1 || (position < end && isDigit(load<u8>(position)))) return NO_DATE;
  if (negative) year = -year;
  if (end - position >= 5 && load<u32>(position) == 0x43422820 && load<u8>(position, 4) == 0x29) {
    if (negative || year == 0) return NO_DATE;
    position += 5;
    year = 1 - year;
  }
  if (day > daysInMonth(year, month)) return NO_DATE;
  const days = daysFromCivil(year, month, day);
  return isFiniteDate(days) ? days : NO_DATE;
}

/** Whatever follows the date is ignored. */
export function parseDate(text: u64): i32 {
  const end = begin(text);
  let days = specialDate(end);
  if (days == NO_DATE) days = civilDate(end);
  else if (!atEnd(end)) days = NO_DATE;
  setFailure(days == NO_DATE ? INVALID : OK);
  return days as i32;
}

@inline
function begin(text: u64): usize {
  position = addressOf(text);
  const end = position + lengthOf(text);
  skipSpaces(end);
  return end;
}

@inline
function skipSpaces(end: usize): void {
  while (position < end && isSpace(load<u8>(position))) position++;
}

function atEnd(end: usize): bool {
  skipSpaces(end);
  return position == end;
}

/** hh:mm[:ss[.fraction]] in microseconds, 24:00:00 included; -1 when there is none. */
function clockTime(end: usize): i64 {
  skipSpaces(end);
  nanoseconds = 0;
  const hour = digits(end, 2);
  if (hour < 0 || hour > 24 || !take(COLON, end)) return -1;
  const minute = digits(end, 2);
  if (minute < 0 || minute > 59) return -1;
  let micros = (hour * 60 + minute) * 60000000;
  if (take(COLON, end)) {
    const second = digits(end, 2);
    if (second < 0 || second > 59) return -1;
    micros += second * 1000000;
    if (take(POINT, end)) micros += fraction(end);
  }
  if (position < end && isDigit(load<u8>(position))) return -1;
  return micros > MICROS_PER_DAY || (micros == MICROS_PER_DAY && nanoseconds != 0) ? -1 : micros;
}

/** Digits after a point, as microseconds; the next three are kept as nanoseconds, others are dropped. */
export function fraction(end: usize): i64 {
  let micros: i64 = 0;
  let unit: i64 = 100000;
  let rest: i64 = 0;
  let restUnit: i64 = 100;
  for (; position < end && isDigit(load<u8>(position)); position++) {
    const digit = (load<u8>(position) - 0x30) as i64;
    micros += digit * unit;
    if (unit == 0) {
      rest += digit * restUnit;
      restUnit /= 10;
    }
    unit /= 10;
  }
  nanoseconds = rest;
  return micros;
}

/** A time, or the time of a timestamp; what follows it is ignored. */
export function parseTime(text: u64, inNanoseconds: bool): i64 {
  const end = begin(text);
  let micros = clockTime(end);
  if (micros < 0) {
    begin(text);
    if (civilDate(end) != NO_DATE && (take(SPACE, end) || take(0x54, end))) micros = clockTime(end);
  }
  setFailure(micros < 0 ? INVALID : OK);
  return inNanoseconds ? micros * 1000 + nanoseconds : micros;
}

/**
 * A date, then perhaps T or a space and a time, then perhaps Z, " UTC" or an offset from UTC, which only `utc` (TIMESTAMP WITH
 * TIME ZONE) subtracts.
 */
export function parseTimestamp(text: u64, inNanoseconds: bool, utc: bool): i64 {
  const micros = timestampIn(begin(text), utc);
  let valid = micros != NO_TIMESTAMP;
  let result = micros;
  if (valid && inNanoseconds && micros != TIMESTAMP_INFINITY && micros != -TIMESTAMP_INFINITY) {
    result = micros * 1000 + nanoseconds;
    valid = micros >= -9223372036854775 && micros <= 9223372036854775 && result >= micros * 1000;
  }
  setFailure(valid ? OK : INVALID);
  return result;
}

function timestampIn(end: usize, utc: bool): i64 {
  nanoseconds = 0;
  const special = specialDate(end);
  if (special != NO_DATE) {
    if (!atEnd(end)) return NO_TIMESTAMP;
    return special == 0 ? 0 : special < 0 ? -TIMESTAMP_INFINITY : TIMESTAMP_INFINITY;
  }
  let days = civilDate(end);
  if (days == NO_DATE) return NO_TIMESTAMP;
  if (position == end) return timestampOf(days, 0);
  if (!take(SPACE, end) && !take(0x54, end)) return NO_TIMESTAMP;
  let time = clockTime(end);
  if (time < 0) return NO_TIMESTAMP;
  if (!take(0x5a, end)) {
    if (position < end && (load<u8>(position) == 0x2b || load<u8>(position) == MINUS)) {
      const offset = zoneOffset(end);
      if (offset == NO_OFFSET) return NO_TIMESTAMP;
      if (utc) time -= offset;
    } else {
      skipSpaces(end);
      takeWord(0x637475, 3, end);
    }
  }
  if (!atEnd(end)) return NO_TIMESTAMP;
  while (time < 0) {
    time += MICROS_PER_DAY;
    days--;
  }
  while (time >= MICROS_PER_DAY) {
    time -= MICROS_PER_DAY;
    days++;
  }
  return timestampOf(days, time);
}

const NO_OFFSET: i64 = i64.MIN_VALUE;

/** ±hh[[:]mm[:ss]] in microseconds. */
function zoneOffset(end: usize): i64 {
  const negative = load<u8>(position) == MINUS;
  position++;
  const from = position;
  const hours = digits(end, 2);
  if (position - from != 2) return NO_OFFSET;
  let seconds = hours * 3600;
  if (position < end && (load<u8>(position) == COLON || isDigit(load<u8>(position)))) {
    take(COLON, end);
    const minutes = digits(end, 2);
    if (minutes < 0 || minutes > 59) return NO_OFFSET;
    seconds += minutes * 60;
    if (take(COLON, end)) {
      const rest = digits(end, 2);
      if (rest < 0 || rest > 59) return NO_OFFSET;
      seconds += rest;
    }
  }
  return (negative ? -seconds : seconds) * 1000000;
}
