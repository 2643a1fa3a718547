// Points in time and intervals as text, as DuckDB prints them. Each kernel returns a string in the arena, 0 when out of
// memory.
import {
  DATE_INFINITY, dayOf, dayOfTimestamp, floorDivide, isFiniteTimestamp, monthOf, splitDate, timeOfTimestamp, yearOf,
} from "./calendar";
import { finish, start, writeByte, writeDigits, writePadded } from "./digits";

const MINUS: u8 = 0x2d;
const COLON: u8 = 0x3a;
const POINT: u8 = 0x2e;
const SPACE: u8 = 0x20;
const S: u8 = 0x73;

// ASCII words, first letter in the lowest byte.
const INFINITY: u64 = 0x7974696e69666e69;
const BC: u64 = 0x2943422820; // " (BC)"
const YEAR: u64 = 0x7261657920; // " year"
const MONTH: u64 = 0x68746e6f6d20; // " month"
const DAY: u64 = 0x79616420; // " day"

@inline
function writeWord(word: u64, bytes: u32, to: usize): usize {
  store<u64>(to, word);
  return to + bytes;
}

function writeInfinity(negative: bool, from: usize): u64 {
  return finish(from, writeWord(INFINITY, 8, negative ? writeByte(MINUS, from) : from));
}

function writeDate(date: i32, from: usize): usize {
  splitDate(date);
  const year = yearOf();
  const shown: u64 = (year > 0 ? year : 1 - year) as u64;
  let to = shown < 10000 ? writePadded(shown, 4, from) : writeDigits(shown, from);
  to = writePadded(monthOf() as u64, 2, writeByte(MINUS, to));
  to = writePadded(dayOf() as u64, 2, writeByte(MINUS, to));
  return year > 0 ? to : writeWord(BC, 5, to);
}

/** hh:mm:ss and as many digits of the fraction as it has; hours may have more than two digits. */
function writeTime(time: u64, perSecond: u64, fractionDigits: u32, from: usize): usize {
  const seconds = time / perSecond;
  const hours = seconds / 3600;
  let to = hours < 100 ? writePadded(hours, 2, from) : writeDigits(hours, from);
  to = writePadded((seconds / 60) % 60, 2, writeByte(COLON, to));
  to = writePadded(seconds % 60, 2, writeByte(COLON, to));
  let fraction = time % perSecond;
  if (fraction == 0) return to;
  let digits = fractionDigits;
  while (fraction % 10 == 0) {
    fraction /= 10;
    digits--;
  }
  return writePadded(fraction, digits, writeByte(POINT, to));
}

export function formatDate(date: i32, arena: usize): u64 {
  const from = start(32, arena);
  if (from == 0) return 0;
  if (date == DATE_INFINITY || date == -DATE_INFINITY) return writeInfinity(date < 0, from);
  return finish(from, writeDate(date, from));
}

export function formatTime(time: i64, nanoseconds: bool, arena: usize): u64 {
  const from = start(32, arena);
  if (from == 0) return 0;
  return finish(from, nanoseconds ? writeTime(time, 1000000000, 9, from) : writeTime(time, 1000000, 6, from));
}

export function formatTimestamp(timestamp: i64, nanoseconds: bool, utc: bool, arena: usize): u64 {
  const from = start(56, arena);
  if (from == 0) return 0;
  if (!isFiniteTimestamp(timestamp)) return writeInfinity(timestamp < 0, from);
  let date: i32;
  let time: i64;
  if (nanoseconds) {
    date = floorDivide(timestamp, NANOS_PER_DAY) as i32;
    time = timestamp - (date as i64) * NANOS_PER_DAY;
  } else {
    date = dayOfTimestamp(timestamp);
    time = timeOfTimestamp(timestamp);
  }
  let to = writeByte(SPACE, writeDate(date, from));
  to = nanoseconds ? writeTime(time, 1000000000, 9, to) : writeTime(time, 1000000, 6, to);
  if (utc) {
    store<u8>(to, 0x2b); // +00
    store<u8>(to, 0x30, 1);
    store<u8>(to, 0x30, 2);
    to += 3;
  }
  return finish(from, to);
}

const NANOS_PER_DAY: i64 = 86400000000000;

/** Parts that are zero are left out; an interval without parts is 00:00:00. */
export function formatInterval(micros: i64, high: i64, arena: usize): u64 {
  const from = start(96, arena);
  if (from == 0) return 0;
  const months = high >> 32;
  const days = high as i32 as i64;
  let to = writePart(months / 12, YEAR, 5, from, from);
  to = writePart(months % 12, MONTH, 6, from, to);
  to = writePart(days, DAY, 4, from, to);
  if (micros != 0 || to == from) {
    if (to != from) to = writeByte(SPACE, to);
    if (micros < 0) to = writeByte(MINUS, to);
    to = writeTime(micros < 0 ? 0 - (micros as u64) : (micros as u64), 1000000, 6, to);
  }
  return finish(from, to);
}

function writePart(value: i64, word: u64, bytes: u32, from: usize, at: usize): usize {
  if (value == 0) return at;
  let to = at == from ? at : writeByte(SPACE, at);
  if (value < 0) to = writeByte(MINUS, to);
  const size: u64 = value < 0 ? 0 - (value as u64) : (value as u64);
  to = writeWord(word, bytes, writeDigits(size, to));
  return size == 1 ? to : writeByte(S, to);
}
