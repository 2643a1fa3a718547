// Intervals from text: "1 year 2 months -3.5 days 04:05:06.7", "5 min ago".
import { MICROS_PER_DAY } from "./calendar";
import { INVALID, OK, setFailure, setHigh } from "./outcome";
import { isDigit, isLetter, isSpace } from "./parse-numbers";
import { addressOf, lengthOf } from "./reference";

const MINUS: u8 = 0x2d;
const COLON: u8 = 0x3a;
const POINT: u8 = 0x2e;

// Parts so far; beyond 2^62 they are out of range anyway.
let months: i64 = 0;
let days: i64 = 0;
let micros: i64 = 0;
let overflowed: bool = false;

// A unit: how many of which part it is.
const MONTHS: i32 = 0;
const DAYS: i32 = 1;
const MICROS: i32 = 2;
let unitPart: i32 = 0;
let unitSize: i64 = 0;

/** The time in microseconds; `highWord` has days and months. INVALID when the text is no interval or is out of range. */
export function parseInterval(text: u64): i64 {
  months = 0;
  days = 0;
  micros = 0;
  overflowed = false;
  const valid = parseParts(addressOf(text), addressOf(text) + lengthOf(text)) && !overflowed &&
    months == (months as i32 as i64) && days == (days as i32 as i64);
  setFailure(valid ? OK : INVALID);
  setHigh((months << 32) | (days & 0xffffffff));
  return micros;
}

function parseParts(from: usize, to: usize): bool {
  let at = from;
  let end = to;
  while (end > at && isSpace(load<u8>(end - 1))) end--;
  let any = false;
  while (true) {
    while (at < end && isSpace(load<u8>(at))) at++;
    if (at == end) return any;
    const first = load<u8>(at);
    if (first == 0x40 && !any) {
      at++;
      continue;
    }
    const negative = first == MINUS;
    if (negative) at++;
    if (at == end || !(isDigit(load<u8>(at)) || load<u8>(at) == POINT)) {
      // Only "ago", at the end, turns all parts round.
      if (!any || negative || !isAgo(at, end)) return false;
      months = -months;
      days = -days;
      micros = -micros;
      return true;
    }
    let whole: i64 = 0;
    for (; at < end && isDigit(load<u8>(at)); at++) whole = appended(whole, load<u8>(at));
    if (at < end && load<u8>(at) == COLON) {
      at = parseClock(whole, negative, at, end);
      if (at == 0) return false;
      any = true;
      continue;
    }
    // The fraction in millionths, as far as microseconds reach.
    let fraction: i64 = 0;
    if (at < end && load<u8>(at) == POINT) {
      let place: i64 = 100000;
      for (at++; at < end && isDigit(load<u8>(at)); at++) {
        fraction += ((load<u8>(at) - 0x30) as i64) * place;
        place /= 10;
      }
    }
    while (at < end && isSpace(load<u8>(at))) at++;
    const word = at;
    while (at < end && isLetter(load<u8>(at))) at++;
    if (at == word) {
      // A bare number is seconds.
      if (any || at != end) return false;
      unitPart = MICROS;
      unitSize = 1000000;
    } else if (!findUnit(word, at)) {
      return false;
    }
    addUnits(negative ? -whole : whole, negative ? -fraction : fraction);
    any = true;
  }
}

@inline
function appended(whole: i64, byte: u8): i64 {
  const digit = (byte - 0x30) as i64;
  if (whole > (i64.MAX_VALUE - digit) / 10) overflowed = true;
  return whole * 10 + digit;
}

@inline
function isAgo(at: usize, end: usize): bool {
  return end - at == 3 && (load<u8>(at) | 0x20) == 0x61 && (load<u8>(at, 1) | 0x20) == 0x67 && (load<u8>(at, 2) | 0x20) == 0x6f;
}

/** :mm[:ss[.fraction]] after the hours; returns the address behind it, 0 when it is none. */
function parseClock(hours: i64, negative: bool, from: usize, end: usize): usize {
  let at = from + 1;
  const minute = twoDigits(at, end);
  if (minute < 0 || minute > 59) return 0;
  at += digitCount(at, end);
  let seconds: i64 = 0;
  let rest: i64 = 0;
  if (at < end && load<u8>(at) == COLON) {
    at++;
    seconds = twoDigits(at, end);
    if (seconds < 0 || seconds > 59) return 0;
    at += digitCount(at, end);
    if (at < end && load<u8>(at) == POINT) {
      let place: i64 = 100000;
      for (at++; at < end && isDigit(load<u8>(at)); at++) {
        rest += ((load<u8>(at) - 0x30) as i64) * place;
        place /= 10;
      }
    }
  }
  if (hours > 2562047788) overflowed = true;
  const time = ((hours * 60 + minute) * 60 + seconds) * 1000000 + rest;
  if (time < 0) overflowed = true;
  addMicros(negative ? -time : time);
  return at;
}

@inline
function digitCount(at: usize, end: usize): usize {
  return at + 1 < end && isDigit(load<u8>(at + 1)) ? 2 : 1;
}

/** One or two digits; -1 when there is none. */
function twoDigits(at: usize, end: usize): i64 {
  if (at >= end || !isDigit(load<u8>(at))) return -1;
  const first = (load<u8>(at) - 0x30) as i64;
  return digitCount(at, end) == 2 ? first * 10 + ((load<u8>(at + 1) - 0x30) as i64) : first;
}

function addMicros(count: i64): void {
  const sum = micros + count;
  if (((micros ^ sum) & (count ^ sum)) < 0) overflowed = true;
  micros = sum;
}

/** Whole units, and millionths of one: what is left of a month goes to days, of a day to time. */
function addUnits(whole: i64, fraction: i64): void {
  if (whole > i64.MAX_VALUE / unitSize || whole < i64.MIN_VALUE / unitSize) {
    overflowed = true;
    return;
  }
  const amount = whole * unitSize;
  if (unitPart == MICROS) {
    addMicros(amount);
    addMicros((fraction * unitSize) / 1000000);
  } else if (unitPart == DAYS) {
    days = bounded(days + amount);
    const millionths = fraction * unitSize;
    days = bounded(days + millionths / 1000000);
    addMicros((millionths % 1000000) * (MICROS_PER_DAY / 1000000));
  } else {
    months = bounded(months + amount);
    if (unitSize == 1) days = bounded(days + (fraction * 30) / 1000000);
    else months = bounded(months + (fraction * unitSize) / 1000000);
  }
}

@inline
function bounded(value: i64): i64 {
  if (value != (value as i32 as i64)) overflowed = true;
  return value;
}

// Names of up to twelve letters, in lower case, as two words of eight and four bytes.
let nameLow: u64 = 0;
let nameHigh: u64 = 0;

/** Name (two words), part and size of every unit. */
const UNITS: StaticArray<u64> = [
  0x00000068746e6f6d, 0x00000000, 0, 1, // month
  0x00007368746e6f6d, 0x00000000, 0, 1, // months
  0x00000000006e6f6d, 0x00000000, 0, 1, // mon
  0x00000000736e6f6d, 0x00000000, 0, 1, // mons
  0x0072657472617571, 0x00000000, 0, 3, // quarter
  0x7372657472617571, 0x00000000, 0, 3, // quarters
  0x0000000072616579, 0x00000000, 0, 12, // year
  0x0000007372616579, 0x00000000, 0, 12, // years
  0x0000000000007279, 0x00000000, 0, 12, // yr
  0x0000000000737279, 0x00000000, 0, 12, // yrs
  0x0000000000000079, 0x00000000, 0, 12, // y
  0x0000656461636564, 0x00000000, 0, 120, // decade
  0x0073656461636564, 0x00000000, 0, 120, // decades
  0x0000000000636564, 0x00000000, 0, 120, // dec
  0x0000000073636564, 0x00000000, 0, 120, // decs
  0x00797275746e6563, 0x00000000, 0, 1200, // century
  0x65697275746e6563, 0x00000073, 0, 1200, // centuries
  0x00000000746e6563, 0x00000000, 0, 1200, // cent
  0x0000000000000063, 0x00000000, 0, 1200, // c
  0x696e6e656c6c696d, 0x00006d75, 0, 12000, // millennium
  0x696e6e656c6c696d, 0x00000061, 0, 12000, // millennia
  0x696e6e656c6c696d, 0x00736d75, 0, 12000, // millenniums
  0x75696e656c6c696d, 0x0000006d, 0, 12000, // millenium
  0x00000000006c696d, 0x00000000, 0, 12000, // mil
  0x00000000736c696d, 0x00000000, 0, 12000, // mils
  0x0000000000796164, 0x00000000, 1, 1, // day
  0x0000000073796164, 0x00000000, 1, 1, // days
  0x0000000000000064, 0x00000000, 1, 1, // d
  0x000000006b656577, 0x00000000, 1, 7, // week
  0x000000736b656577, 0x00000000, 1, 7, // weeks
  0x0000000000000077, 0x00000000, 1, 7, // w
  0x6365736f7263696d, 0x00646e6f, 2, 1, // microsecond
  0x6365736f7263696d, 0x73646e6f, 2, 1, // microseconds
  0x0000000000007375, 0x00000000, 2, 1, // us
  0x0000000063657375, 0x00000000, 2, 1, // usec
  0x0000007363657375, 0x00000000, 2, 1, // usecs
  0x636573696c6c696d, 0x00646e6f, 2, 1000, // millisecond
  0x636573696c6c696d, 0x73646e6f, 2, 1000, // milliseconds
  0x000000000000736d, 0x00000000, 2, 1000, // ms
  0x000000006365736d, 0x00000000, 2, 1000, // msec
  0x000000736365736d, 0x00000000, 2, 1000, // msecs
  0x0000646e6f636573, 0x00000000, 2, 1000000, // second
  0x0073646e6f636573, 0x00000000, 2, 1000000, // seconds
  0x0000000000636573, 0x00000000, 2, 1000000, // sec
  0x0000000073636573, 0x00000000, 2, 1000000, // secs
  0x0000000000000073, 0x00000000, 2, 1000000, // s
  0x00006574756e696d, 0x00000000, 2, 60000000, // minute
  0x00736574756e696d, 0x00000000, 2, 60000000, // minutes
  0x00000000006e696d, 0x00000000, 2, 60000000, // min
  0x00000000736e696d, 0x00000000, 2, 60000000, // mins
  0x000000000000006d, 0x00000000, 2, 60000000, // m
  0x0000000072756f68, 0x00000000, 2, 3600000000, // hour
  0x0000007372756f68, 0x00000000, 2, 3600000000, // hours
  0x0000000000007268, 0x00000000, 2, 3600000000, // hr
  0x0000000000737268, 0x00000000, 2, 3600000000, // hrs
  0x0000000000000068, 0x00000000, 2, 3600000000, // h
];

function findUnit(from: usize, end: usize): bool {
  const length = end - from;
  if (length > 12) return false;
  nameLow = 0;
  nameHigh = 0;
  for (let i: usize = 0; i < length; i++) {
    const letter = (load<u8>(from + i) | 0x20) as u64;
    if (i < 8) nameLow |= letter << (i << 3);
    else nameHigh |= letter << ((i - 8) << 3);
  }
  for (let i = 0; i < UNITS.length; i += 4) {
    if (unchecked(UNITS[i]) == nameLow && unchecked(UNITS[i + 1]) == nameHigh) {
      unitPart = unchecked(UNITS[i + 2]) as i32;
      unitSize = unchecked(UNITS[i + 3]) as i64;
      return true;
    }
  }
  return false;
}
