// Floating-point numbers from text, to the nearest (a half to even).
import { multiplyHigh } from "./int128";
import { arenaAllocate } from "./memory";
import { INVALID, OK, OUT_OF_MEMORY, setFailure } from "./outcome";
import { digitsAddress, digitsEnd, isDigit, isNegative, isSpace, powerOf, scanNumber } from "./parse-numbers";
import { floorLog2OfPower, powerHigh, powerLow } from "./powers-of-ten";
import { addressOf, lengthOf } from "./reference";

/** Digits that surely fit 64 bits. */
const WORD_DIGITS: i32 = 19;
/** What `fromProduct` returns when 128 bits do not decide. */
const UNDECIDED: u64 = 0xffffffffffffffff;

export function parseSingle(text: u64, arena: usize): f32 {
  return reinterpret<f32>(parseBits(text, 24, -149, arena) as u32);
}

export function parseDouble(text: u64, arena: usize): f64 {
  return reinterpret<f64>(parseBits(text, 53, -1074, arena));
}

/** The bits of the number in the format with so many significant bits and this least exponent. */
function parseBits(text: u64, precision: i32, least: i32, arena: usize): u64 {
  setFailure(OK);
  const sign: u64 = (1 as u64) << (precision == 53 ? 63 : 31);
  const infinity: u64 = precision == 53 ? 0x7ff0000000000000 : 0x7f800000;
  if (!scanNumber(text)) {
    const word = specialWord(text);
    if (word == NOT_SPECIAL) {
      setFailure(INVALID);
      return 0;
    }
    return (word & 1 ? sign : 0) | infinity | (word & 2 ? (1 as u64) << (precision - 2) : 0);
  }
  const magnitude = finiteBits(precision, least, arena);
  return isNegative() ? magnitude | sign : magnitude;
}

const NOT_SPECIAL: i32 = -1;

/** nan, inf or infinity with a sign: bit 0 when negative, bit 1 for NaN. */
function specialWord(text: u64): i32 {
  let at = addressOf(text);
  let end = at + lengthOf(text);
  while (at < end && isSpace(load<u8>(at))) at++;
  while (end > at && isSpace(load<u8>(end - 1))) end--;
  const negative = at < end && load<u8>(at) == 0x2d;
  if (at < end && (load<u8>(at) == 0x2d || load<u8>(at) == 0x2b)) at++;
  let word: u64 = 0;
  if (end - at > 8) return NOT_SPECIAL;
  for (let i: usize = 0; at + i < end; i++) word |= ((load<u8>(at + i) | 0x20) as u64) << (i << 3);
  if (word == 0x6e616e) return (negative ? 1 : 0) | 2;
  return word == 0x666e69 || word == 0x7974696e69666e69 ? (negative ? 1 : 0) : NOT_SPECIAL;
}

/** The bits of the scanned number's magnitude. */
function finiteBits(precision: i32, least: i32, arena: usize): u64 {
  if (digitsAddress() == 0) return 0;
  const infinity: u64 = precision == 53 ? 0x7ff0000000000000 : 0x7f800000;
  if (powerOf() > 310) return infinity;
  if (powerOf() < -325) return 0;
  let mantissa: u64 = 0;
  let taken = 0;
  let rest = false;
  for (let at = digitsAddress(); at < digitsEnd(); at++) {
    const byte = load<u8>(at);
    if (!isDigit(byte)) continue;
    if (taken < WORD_DIGITS) {
      mantissa = mantissa * 10 + ((byte - 0x30) as u64);
      taken++;
    } else if (byte != 0x30) {
      rest = true;
    }
  }
  const exponent = powerOf() - taken;
  const bits = fromProduct(mantissa, exponent, precision, least);
  // Digits that were left out do not matter when the next mantissa gives the same number.
  if (bits != UNDECIDED && (!rest || bits == fromProduct(mantissa + 1, exponent, precision, least))) return bits;
  return fromDigits(precision, least, arena);
}

/**
 * mantissa * 10^exponent by the 128-bit power of ten (Lemire, "Number parsing at a gigabyte per second"). Decided when no
 * error in the bits cut off can reach the rounding.
 */
function fromProduct(mantissa: u64, exponent: i32, precision: i32, least: i32): u64 {
  const shift = clz(mantissa) as i32;
  const normalized = mantissa << (shift as u64);
  // The power is at least the true one, and too large by less than one unit of its low word.
  const high = powerHigh(exponent);
  const low = powerLow(exponent);
  const carry = multiplyHigh(normalized, low);
  const bottom = normalized * low;
  const middle = normalized * high + carry;
  const top = multiplyHigh(normalized, high) + (middle < carry ? 1 : 0);
  // Bits below the significand's last, and its exponent.
  let below = top >> 63 != 0 ? 64 - precision : 63 - precision;
  const power = floorLog2OfPower(exponent) - 127 - shift + 128;
  let result = power + below;
  if (result < least) {
    below += least - result;
    result = least;
  }
  if (below > 64) return 0;
  let significand: u64;
  let remainder: u64;
  let half: u64;
  if (below == 64) {
    significand = 0;
    remainder = top;
    half = (1 as u64) << 63;
  } else {
    significand = top >> below;
    remainder = top & (((1 as u64) << below) - 1);
    half = (1 as u64) << (below - 1);
  }
  // The true product is less than this one by less than `normalized`: does a halfway point lie between?
  const isExact = exponent >= 0 && exponent <= 55;
  if (!isExact && remainder == half && middle == 0 && bottom < normalized) return UNDECIDED;
  const above = remainder > half || (remainder == half && (middle != 0 || bottom != 0));
  const tie = remainder == half && middle == 0 && bottom == 0;
  if (above || (tie && (significand & 1) != 0)) significand++;
  return encode(significand, result, precision, least);
}

/** The bits of significand * 2^exponent; a significand of one bit too many, from rounding up, is shifted. */
function encode(significand: u64, exponent: i32, precision: i32, least: i32): u64 {
  let power = exponent;
  let bits = significand;
  if (bits >> precision != 0) {
    bits >>= 1;
    power++;
  }
  const hidden = (1 as u64) << (precision - 1);
  if (bits < hidden) return bits;
  const biased: u64 = (power - least + 1) as u64;
  const greatest: u64 = precision == 53 ? 0x7ff : 0xff;
  if (biased >= greatest) return greatest << (precision - 1);
  return (biased << (precision - 1)) | (bits - hidden);
}

/** Digits that can matter: a halfway point of doubles has at most 767. */
const MOST_DIGITS: i32 = 800;

/**
 * The same by exact decimal arithmetic: the digits are halved or doubled until they are the significand. Slow, for the
 * few numbers within 2^-64 of a boundary.
 */
function fromDigits(precision: i32, least: i32, arena: usize): u64 {
  const digits = arenaAllocate(arena, MOST_DIGITS + 32);
  if (digits == 0) {
    setFailure(OUT_OF_MEMORY);
    return 0;
  }
  let count = 0;
  let sticky: u8 = 0;
  for (let at = digitsAddress(); at < digitsEnd(); at++) {
    const byte = load<u8>(at);
    if (!isDigit(byte)) continue;
    if (count < MOST_DIGITS) store<u8>(digits + count++, byte - 0x30);
    else sticky |= byte - 0x30;
  }
  if (sticky != 0) store<u8>(digits + count++, 1);
  let point = powerOf();
  let exponent = 0;
  // Into [2^(precision - 1), 2^precision), but not below the least exponent.
  while (true) {
    const whole = wholePart(digits, count, point);
    if (whole >> precision != 0 || point > 18 || exponent < least) {
      // Halved, digit by digit.
      let rest: u8 = 0;
      for (let i = 0; i < count; i++) {
        const value: u8 = load<u8>(digits + i) + rest * 10;
        store<u8>(digits + i, value >> 1);
        rest = value & 1;
      }
      if (rest != 0) store<u8>(digits + count++, 5);
      if (load<u8>(digits) == 0) {
        memory.copy(digits, digits + 1, --count);
        point--;
      }
      if (count > MOST_DIGITS) {
        store<u8>(digits + MOST_DIGITS - 1, load<u8>(digits + MOST_DIGITS - 1) | 1);
        count = MOST_DIGITS;
      }
      exponent++;
    } else if (whole >> (precision - 1) == 0 && exponent > least) {
      let carry: u8 = 0;
      for (let i = count - 1; i >= 0; i--) {
        const value: u8 = (load<u8>(digits + i) << 1) + carry;
        carry = value >= 10 ? 1 : 0;
        store<u8>(digits + i, value - carry * 10);
      }
      if (carry != 0) {
        memory.copy(digits + 1, digits, count++);
        store<u8>(digits, 1);
        point++;
      }
      while (count > 0 && load<u8>(digits + count - 1) == 0) count--;
      exponent--;
    } else {
      const roundUp = compareHalf(digits, count, point, (whole & 1) != 0);
      return encode(whole + (roundUp ? 1 : 0), exponent, precision, least);
    }
  }
}

/** The digits before the point. */
function wholePart(digits: usize, count: i32, point: i32): u64 {
  let whole: u64 = 0;
  for (let i = 0; i < min(point, 18); i++) whole = whole * 10 + ((i < count ? load<u8>(digits + i) : 0) as u64);
  return whole;
}

/** Whether the fraction is above a half, or a half and the whole number odd. */
function compareHalf(digits: usize, count: i32, point: i32, odd: bool): bool {
  if (point < 0 || point >= count) return false;
  const first = load<u8>(digits + point);
  if (first != 5) return first > 5;
  for (let i = point + 1; i < count; i++) {
    if (load<u8>(digits + i) != 0) return true;
  }
  return odd;
}
