// Numbers from text, in the forms DuckDB reads: spaces around, a sign, single underscores between digits, an exponent.
import { multiplyHigh, signed } from "./int128";
import { hexValue } from "./format-bytes";
import { getHigh, INVALID, OK, setFailure, setHigh } from "./outcome";
import { addressOf, lengthOf } from "./reference";

const MINUS: u8 = 0x2d;
const PLUS: u8 = 0x2b;
const POINT: u8 = 0x2e;
const UNDERSCORE: u8 = 0x5f;

@inline
export function isSpace(byte: u8): bool {
  return byte == 0x20 || (byte as u32) - 9 < 5;
}

@inline
export function isDigit(byte: u8): bool {
  return (byte as u32) - 0x30 < 10;
}

@inline
export function isLetter(byte: u8): bool {
  return ((byte as u32) | 0x20) - 0x61 < 26;
}

// The number that `scanNumber` found. Digits, without point and underscores, start at the first that is not zero.
let numberNegative: bool = false;
/** Address of the first digit that is not zero, or 0 when all are zero. */
let numberDigits: usize = 0;
let numberEnd: usize = 0;
/** The value is 0.d₀d₁d₂… * 10^numberPower. */
let numberPower: i32 = 0;

@inline
export function isNegative(): bool {
  return numberNegative;
}

@inline
export function digitsAddress(): usize {
  return numberDigits;
}

@inline
export function digitsEnd(): usize {
  return numberEnd;
}

@inline
export function powerOf(): i32 {
  return numberPower;
}

const GREATEST_EXPONENT: i32 = 100000;

/** Whether the whole text is a number: [sign] digits [. digits] [e [sign] digits], with at least one digit before e. */
export function scanNumber(text: u64): bool {
  let at = addressOf(text);
  let end = at + lengthOf(text);
  while (at < end && isSpace(load<u8>(at))) at++;
  while (end > at && isSpace(load<u8>(end - 1))) end--;
  numberNegative = at < end && load<u8>(at) == MINUS;
  if (at < end && (load<u8>(at) == MINUS || load<u8>(at) == PLUS)) at++;
  let anyDigit = false;
  let point = false;
  let power = 0;
  numberDigits = 0;
  for (; at < end; at++) {
    const byte = load<u8>(at);
    if (isDigit(byte)) {
      anyDigit = true;
      if (numberDigits == 0 && byte != 0x30) numberDigits = at;
      if (numberDigits != 0 && !point) power++;
      else if (numberDigits == 0 && point) power--;
    } else if (byte == POINT && !point) {
      point = true;
    } else if (byte == UNDERSCORE) {
      if (!anyDigit || !isDigit(load<u8>(at - 1)) || at + 1 >= end || !isDigit(load<u8>(at + 1))) return false;
    } else {
      break;
    }
  }
  if (!anyDigit) return false;
  numberEnd = at;
  if (at < end) {
    if ((load<u8>(at) | 0x20) != 0x65) return false;
    at++;
    const negative = at < end && load<u8>(at) == MINUS;
    if (at < end && (load<u8>(at) == MINUS || load<u8>(at) == PLUS)) at++;
    if (at == end) return false;
    let exponent = 0;
    for (; at < end; at++) {
      if (!isDigit(load<u8>(at))) return false;
      exponent = min(exponent * 10 + ((load<u8>(at) - 0x30) as i32), GREATEST_EXPONENT);
    }
    power += negative ? -exponent : exponent;
  }
  numberPower = power;
  return true;
}

/** The number times 10^scale, a half rounded away from zero; INVALID when it is none or has more than 38 digits. */
export function parseDecimal(text: u64, scale: i32): u64 {
  setHigh(0);
  setFailure(INVALID);
  if (!scanNumber(text)) return 0;
  const wanted = numberPower + scale;
  if (numberDigits == 0 || wanted < 0) {
    setFailure(OK);
    return 0;
  }
  if (wanted > 38) return 0;
  let low: u64 = 0;
  let high: u64 = 0;
  let taken = 0;
  let next: u8 = 0x30;
  for (let at = numberDigits; at < numberEnd; at++) {
    const byte = load<u8>(at);
    if (!isDigit(byte)) continue;
    if (taken == wanted) {
      next = byte;
      break;
    }
    high = high * 10 + multiplyHigh(low, 10);
    low *= 10;
    const digit = (byte - 0x30) as u64;
    low += digit;
    if (low < digit) high++;
    taken++;
  }
  for (; taken < wanted; taken++) {
    high = high * 10 + multiplyHigh(low, 10);
    low *= 10;
  }
  if (next >= 0x35) {
    low++;
    if (low == 0) high++;
  }
  // 10^38: only rounding up can reach it.
  if (high == 0x4b3b4ca85a86c47a && low == 0x098a224000000000) return 0;
  setFailure(OK);
  return signed(low, high, numberNegative);
}

/** An integer of `bits` bits, also as 0x1F or 0b11; INVALID when it is none or out of range. */
export function parseInteger(text: u64, bits: i32, isSigned: bool): i64 {
  let low = parsePrefixed(text);
  if (low == NOT_PREFIXED) {
    low = parseDecimal(text, 0);
  } else {
    setHigh(0);
    setFailure(OK);
  }
  const high = getHigh();
  let fits: bool;
  if (isSigned) {
    fits = high == (low as i64) >> 63 && (bits == 64 || ((low as i64) << (64 - bits)) >> (64 - bits) == (low as i64));
  } else {
    fits = high == 0 && (bits == 64 || low >> bits == 0);
  }
  if (!fits) setFailure(INVALID);
  return low as i64;
}

const NOT_PREFIXED: u64 = 0xffffffffffffffff;

/** A hexadecimal or binary number below 2^63, without a sign; NOT_PREFIXED when it is none. */
function parsePrefixed(text: u64): u64 {
  let at = addressOf(text);
  let end = at + lengthOf(text);
  while (at < end && isSpace(load<u8>(at))) at++;
  while (end > at && isSpace(load<u8>(end - 1))) end--;
  if (end - at < 3 || load<u8>(at) != 0x30) return NOT_PREFIXED;
  const kind = load<u8>(at, 1) | 0x20;
  if (kind != 0x78 && kind != 0x62) return NOT_PREFIXED;
  const shift: u64 = kind == 0x78 ? 4 : 1;
  let value: u64 = 0;
  for (at += 2; at < end; at++) {
    const digit = hexValue(load<u8>(at));
    if (digit < 0 || digit >> (shift as i32) != 0 || value >> (63 - shift) != 0) return NOT_PREFIXED;
    value = (value << shift) | (digit as u64);
  }
  return value;
}

/** true, t, yes, y, 1 or false, f, no, n, 0, in any case; INVALID otherwise. */
export function parseBoolean(text: u64): bool {
  setFailure(OK);
  const length = lengthOf(text);
  let word: u64 = 0;
  for (let i: u32 = 0; i < min<u32>(length, 6); i++) {
    const byte = load<u8>(addressOf(text) + i);
    word |= ((isLetter(byte) ? byte | 0x20 : byte) as u64) << (i << 3);
  }
  if (word == 0x65757274 || word == 0x74 || word == 0x736579 || word == 0x79 || word == 0x31) return true;
  if (word != 0x65736c6166 && word != 0x66 && word != 0x6f6e && word != 0x6e && word != 0x30) setFailure(INVALID);
  return false;
}
