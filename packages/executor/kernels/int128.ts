// Arithmetic on signed 128-bit integers, for decimals. A kernel returns the low word and keeps the high one for
// `highWord`; kernels' globals belong to one thread.

import { getHigh, setHigh } from "./outcome";

/** Remainder of the last `divideUnsigned`. */
let remainderLow: u64 = 0;
let remainderHigh: u64 = 0;

/** High word of a result that no decimal has: the operation overflowed 128 bits. */
export const OVERFLOW: i64 = i64.MIN_VALUE;

/** The high word of the product of two unsigned words. */
@inline
export function multiplyHigh(a: u64, b: u64): u64 {
  const a0 = a & 0xffffffff;
  const a1 = a >> 32;
  const b0 = b & 0xffffffff;
  const b1 = b >> 32;
  const cross = a1 * b0 + ((a0 * b0) >> 32);
  const middle = a0 * b1 + (cross & 0xffffffff);
  return a1 * b1 + (cross >> 32) + (middle >> 32);
}

// Low and high word of the magnitude of a signed number.
@inline
function magnitudeHigh(low: u64, word: i64): u64 {
  return word < 0 ? (~word as u64) + (low == 0 ? 1 : 0) : (word as u64);
}

@inline
function magnitudeLow(low: u64, word: i64): u64 {
  return word < 0 ? 0 - low : low;
}

/** Keeps the number with this magnitude (below 2^127) and sign. */
@inline
export function signed(low: u64, word: u64, negative: bool): u64 {
  if (negative) {
    setHigh((~word + (low == 0 ? 1 : 0)) as i64);
    return 0 - low;
  }
  setHigh(word as i64);
  return low;
}

/** a * b; the high word is OVERFLOW when the product needs more than 127 bits and a sign. */
export function decimalMultiply(aLow: u64, aHigh: i64, bLow: u64, bHigh: i64): u64 {
  const a0 = magnitudeLow(aLow, aHigh);
  const a1 = magnitudeHigh(aLow, aHigh);
  const b0 = magnitudeLow(bLow, bHigh);
  const b1 = magnitudeHigh(bLow, bHigh);
  if (a1 != 0 && b1 != 0) return overflow();
  // One of the two high words is 0.
  const wide = a1 | b1;
  const other = a1 != 0 ? b0 : a0;
  if (multiplyHigh(wide, other) != 0) return overflow();
  const product = multiplyHigh(a0, b0) + wide * other;
  if (product < wide * other || (product as i64) < 0) return overflow();
  return signed(a0 * b0, product, (aHigh ^ bHigh) < 0);
}

@inline
function overflow(): u64 {
  setHigh(OVERFLOW);
  return 0;
}

/** a / b towards zero; b is not 0. */
export function decimalDivide(aLow: u64, aHigh: i64, bLow: u64, bHigh: i64): u64 {
  const low = divideUnsigned(
    magnitudeLow(aLow, aHigh), magnitudeHigh(aLow, aHigh), magnitudeLow(bLow, bHigh), magnitudeHigh(bLow, bHigh),
  );
  return signed(low, getHigh() as u64, (aHigh ^ bHigh) < 0);
}

/** a - b * (a / b), with the sign of a; b is not 0. */
export function decimalRemainder(aLow: u64, aHigh: i64, bLow: u64, bHigh: i64): u64 {
  divideUnsigned(
    magnitudeLow(aLow, aHigh), magnitudeHigh(aLow, aHigh), magnitudeLow(bLow, bHigh), magnitudeHigh(bLow, bHigh),
  );
  return signed(remainderLow, remainderHigh, aHigh < 0);
}

/** value / divisor, a half rounded away from zero; 0 < divisor < 2^126. */
export function decimalDivideRounded(low: u64, word: i64, divisorLow: u64, divisorHigh: u64): u64 {
  let quotientLow = divideUnsigned(magnitudeLow(low, word), magnitudeHigh(low, word), divisorLow, divisorHigh);
  let quotientHigh = getHigh() as u64;
  const doubledHigh = (remainderHigh << 1) | (remainderLow >> 63);
  const doubledLow = remainderLow << 1;
  if (doubledHigh > divisorHigh || (doubledHigh == divisorHigh && doubledLow >= divisorLow)) {
    quotientLow++;
    if (quotientLow == 0) quotientHigh++;
  }
  return signed(quotientLow, quotientHigh, word < 0);
}

/** value / divisor towards minus infinity, or with `up` towards plus infinity; 0 < divisor. */
export function decimalDivideFloor(low: u64, word: i64, divisorLow: u64, divisorHigh: u64, up: bool): u64 {
  let quotientLow = divideUnsigned(magnitudeLow(low, word), magnitudeHigh(low, word), divisorLow, divisorHigh);
  let quotientHigh = getHigh() as u64;
  if ((remainderLow | remainderHigh) != 0 && (word < 0) != up) {
    quotientLow++;
    if (quotientLow == 0) quotientHigh++;
  }
  return signed(quotientLow, quotientHigh, word < 0);
}

/** Unsigned 128-bit division: returns the quotient's low word, keeps its high word and the remainder. */
export function divideUnsigned(a0: u64, a1: u64, b0: u64, b1: u64): u64 {
  if (b1 == 0) {
    if (a1 == 0) {
      remainderHigh = 0;
      remainderLow = a0 % b0;
      setHigh(0);
      return a0 / b0;
    }
    const top = a1 / b0;
    const quotient = divideTwoWords(a1 - top * b0, a0, b0);
    setHigh(top as i64);
    remainderHigh = 0;
    return quotient;
  }
  setHigh(0);
  if (a1 < b1 || (a1 == b1 && a0 < b0)) {
    remainderLow = a0;
    remainderHigh = a1;
    return 0;
  }
  // The divisor normalised to 64 bits gives an estimate that is at most one too large (Hacker's Delight, §9-5).
  const shift = clz(b1);
  const divisor = shift == 0 ? b1 : (b1 << shift) | (b0 >> (64 - shift));
  let estimate = divideTwoWords(a1 >> 1, (a1 << 63) | (a0 >> 1), divisor);
  estimate >>= 63 - shift;
  if (estimate != 0) estimate--;
  const productLow = estimate * b0;
  const productHigh = estimate * b1 + multiplyHigh(estimate, b0);
  let low = a0 - productLow;
  let rest = a1 - productHigh - (a0 < productLow ? 1 : 0);
  if (rest > b1 || (rest == b1 && low >= b0)) {
    estimate++;
    const borrow: u64 = low < b0 ? 1 : 0;
    low -= b0;
    rest -= b1 + borrow;
  }
  remainderLow = low;
  remainderHigh = rest;
  return estimate;
}

/** (a1 * 2^64 + a0) / b for a1 < b; keeps the remainder's low word (Knuth's algorithm D with 32-bit digits). */
function divideTwoWords(a1: u64, a0: u64, b: u64): u64 {
  const shift = clz(b);
  const divisor = b << shift;
  const divisorTop = divisor >> 32;
  const divisorRest = divisor & 0xffffffff;
  const top = shift == 0 ? a1 : (a1 << shift) | (a0 >> (64 - shift));
  const rest = a0 << shift;
  const digit1 = rest >> 32;
  const digit0 = rest & 0xffffffff;
  const quotient1 = estimateDigit(top, divisorTop, divisorRest, digit1);
  const middle = (top << 32) + digit1 - quotient1 * divisor;
  const quotient0 = estimateDigit(middle, divisorTop, divisorRest, digit0);
  remainderLow = ((middle << 32) + digit0 - quotient0 * divisor) >> shift;
  return (quotient1 << 32) + quotient0;
}

@inline
function estimateDigit(dividend: u64, divisorTop: u64, divisorRest: u64, next: u64): u64 {
  let quotient = dividend / divisorTop;
  let rest = dividend - quotient * divisorTop;
  while (quotient > 0xffffffff || quotient * divisorRest > ((rest << 32) | next)) {
    quotient--;
    rest += divisorTop;
    if (rest > 0xffffffff) break;
  }
  return quotient;
}
