// Numbers as text, as DuckDB prints them. Each kernel returns a string in the arena, 0 when out of memory.
import { finish, start, writeByte, writeDigits, writePadded } from "./digits";
import { divideUnsigned, multiplyHigh } from "./int128";
import { floorLog2OfPower, powerHigh, powerLow } from "./powers-of-ten";

const MINUS: u8 = 0x2d;
const POINT: u8 = 0x2e;
const ZERO: u8 = 0x30;

export function formatInteger(value: i64, isSigned: bool, arena: usize): u64 {
  const from = start(24, arena);
  if (from == 0) return 0;
  let to = from;
  let magnitude = value as u64;
  if (isSigned && value < 0) {
    to = writeByte(MINUS, to);
    magnitude = 0 - magnitude;
  }
  return finish(from, writeDigits(magnitude, to));
}

/** unscaled * 10^-scale, with all `scale` digits; a zero before the point unless `precision` leaves it no room. */
export function formatDecimal(low: u64, high: i64, precision: i32, scale: i32, arena: usize): u64 {
  const from = start(96, arena);
  if (from == 0) return 0;
  let magnitudeLow = low;
  let magnitudeHigh = high as u64;
  if (high < 0) {
    magnitudeLow = 0 - low;
    magnitudeHigh = ~magnitudeHigh + (low == 0 ? 1 : 0);
  }
  // Nineteen digits at a time, all 39 of them behind the place of the result.
  const upper = divideUnsigned(magnitudeLow, magnitudeHigh, TEN_TO_19, 0);
  const first = from + 48;
  const end = writePadded(magnitudeLow - upper * TEN_TO_19, 19, writePadded(upper, 20, first));
  const point: usize = end - scale;
  let whole: usize = first;
  while (whole < point && load<u8>(whole) == ZERO) whole++;
  let to = high < 0 ? writeByte(MINUS, from) : from;
  memory.copy(to, whole, point - whole);
  to += point - whole;
  if (whole == point && (precision > scale || scale == 0)) to = writeByte(ZERO, to);
  if (scale > 0) {
    to = writeByte(POINT, to);
    memory.copy(to, point, scale);
    to += scale;
  }
  return finish(from, to);
}

const TEN_TO_19: u64 = 10000000000000000000;

export function formatDouble(value: f64, arena: usize): u64 {
  const bits = reinterpret<u64>(value);
  const fraction = bits & 0xfffffffffffff;
  const exponent: i32 = ((bits >> 52) & 0x7ff) as i32;
  const negative = bits >> 63 != 0;
  const from = start(32, arena);
  if (from == 0) return 0;
  if (exponent == 0x7ff) return special(from, fraction != 0, negative);
  if (exponent == 0) return formatFloat(fraction, -1074, false, negative, false, from);
  return formatFloat(fraction | (1 << 52), exponent - 1075, fraction == 0 && exponent > 1, negative, false, from);
}

export function formatSingle(value: f32, arena: usize): u64 {
  const bits = reinterpret<u32>(value);
  const fraction = (bits & 0x7fffff) as u64;
  const exponent: i32 = ((bits >> 23) & 0xff) as i32;
  const negative = bits >> 31 != 0;
  const from = start(32, arena);
  if (from == 0) return 0;
  if (exponent == 0xff) return special(from, fraction != 0, negative);
  if (exponent == 0) return formatFloat(fraction, -149, false, negative, true, from);
  return formatFloat(fraction | (1 << 23), exponent - 150, fraction == 0 && exponent > 1, negative, true, from);
}

/** NaN has no sign here: which one a computation gives depends on the machine. */
function special(from: usize, isNan: bool, negative: bool): u64 {
  const to = negative && !isNan ? writeByte(MINUS, from) : from;
  store<u8>(to, isNan ? 0x6e : 0x69); // n, i
  store<u8>(to, isNan ? 0x61 : 0x6e, 1); // a, n
  store<u8>(to, isNan ? 0x6e : 0x66, 2); // n, f
  return finish(from, to + 3);
}

/**
 * The shortest digits that read back as significand * 2^exponent, nearest to it (Giulietti, "The Schubfach way to render
 * doubles"). `closer`: the number below is half as far as the one above. `single`: a FLOAT, of which DuckDB prints the digits
 * as a DOUBLE where the shortest are halfway to another FLOAT, or another choice is as near.
 */
function formatFloat(significand: u64, exponent: i32, closer: bool, negative: bool, single: bool, from: usize): u64 {
  const to = negative ? writeByte(MINUS, from) : from;
  if (significand == 0) {
    store<u8>(to, ZERO);
    store<u8>(to, POINT, 1);
    store<u8>(to, ZERO, 2);
    return finish(from, to + 3);
  }
  // Small integers are their own digits.
  if (exponent <= 0 && exponent > -53 && (significand & (((1 as u64) << (-exponent as u64)) - 1)) == 0) {
    return placeDigits(significand >> (-exponent as u64), 0, from, to);
  }
  const open: u64 = significand & 1;
  const k = (exponent * 1262611 - (closer ? 524031 : 0)) >> 22;
  const shift = exponent + floorLog2OfPower(-k) + 1;
  const high = powerHigh(-k);
  const low = powerLow(-k);
  const least = roundToOdd(high, low, (4 * significand - 2 + (closer ? 1 : 0)) << shift);
  const value = roundToOdd(high, low, (4 * significand) << shift);
  const greatest = roundToOdd(high, low, (4 * significand + 2) << shift);
  if (single && isAmbiguous(least, value, greatest)) return asDouble(significand, exponent, negative, from);
  const lower = least + open;
  const upper = greatest - open;
  const digits = value >> 2;
  if (digits >= 10) {
    const shorter = digits / 10;
    const below = lower <= 40 * shorter;
    const above = 40 * shorter + 40 <= upper;
    if (below != above) return placeDigits(shorter + (above ? 1 : 0), k + 1, from, to);
  }
  const below = lower <= 4 * digits;
  const above = 4 * digits + 4 <= upper;
  if (below != above) return placeDigits(digits + (above ? 1 : 0), k, from, to);
  const middle = 4 * digits + 2;
  const up = value > middle || (value == middle && (digits & 1) != 0);
  return placeDigits(digits + (up ? 1 : 0), k, from, to);
}

/** Whether the shortest digits of a FLOAT are at a bound of what reads back as it, or two are equally near. */
function isAmbiguous(lower: u64, value: u64, upper: u64): bool {
  let unit: u64 = 4;
  const digits = value >> 2;
  if (digits >= 10) {
    const below = lower <= 40 * (digits / 10);
    const above = 40 * (digits / 10) + 40 <= upper;
    if (below || above) unit = 40;
  }
  const floor = value / unit * unit;
  const below = lower <= floor;
  const above = floor + unit <= upper;
  if (below && above) return value - floor == unit >> 1;
  return below ? lower == floor : above && upper == floor + unit;
}

/** The same number, with the digits that a DOUBLE needs. */
function asDouble(significand: u64, exponent: i32, negative: bool, from: usize): u64 {
  const shift = clz(significand) - 11;
  const fraction = significand << shift;
  return formatFloat(fraction, exponent - (shift as i32), fraction == (1 as u64) << 52, negative, false, from);
}

/** The top word of (high, low) * factor, its last bit set when bits below are not zero. */
@inline
function roundToOdd(high: u64, low: u64, factor: u64): u64 {
  const carry = multiplyHigh(low, factor);
  const middle = high * factor + carry;
  const top = multiplyHigh(high, factor) + (middle < carry ? 1 : 0);
  return top | (middle > 1 ? 1 : 0);
}

/** digits * 10^exponent: with a point, or from 10^16 on and below 10^-4 with an exponent. */
function placeDigits(significand: u64, exponent: i32, from: usize, start: usize): u64 {
  let digits = significand;
  let power = exponent;
  while (digits % 10 == 0) {
    digits /= 10;
    power++;
  }
  let to = start;
  const end = writeDigits(digits, to);
  const count = (end - to) as i32;
  const magnitude = count + power - 1;
  if (magnitude < -4 || magnitude >= 16) {
    if (count > 1) {
      memory.copy(to + 2, to + 1, count - 1);
      store<u8>(to, POINT, 1);
      to += count + 1;
    } else {
      to++;
    }
    to = writeByte(0x65, to); // e
    to = writeByte(magnitude < 0 ? MINUS : 0x2b, to);
    const size = abs(magnitude) as u64;
    return finish(from, size < 10 ? writePadded(size, 2, to) : writeDigits(size, to));
  }
  if (power >= 0) {
    memory.fill(end, ZERO, power);
    store<u8>(end + power, POINT);
    store<u8>(end + power, ZERO, 1);
    return finish(from, end + power + 2);
  }
  if (magnitude >= 0) {
    const point = to + magnitude + 1;
    memory.copy(point + 1, point, end - point);
    store<u8>(point, POINT);
    return finish(from, end + 1);
  }
  const zeros = 1 - magnitude;
  memory.copy(to + zeros, to, count);
  memory.fill(to, ZERO, zeros);
  store<u8>(to, POINT, 1);
  return finish(from, end + zeros);
}
