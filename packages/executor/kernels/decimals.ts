// Decimals as unscaled 128-bit integers, to and from floating-point numbers.
import { divideUnsigned, multiplyHigh } from "./int128";
import { getHigh, INVALID, OK, setFailure, setHigh } from "./outcome";

const TWO_TO_64: f64 = 18446744073709551616.0;
/** Integers up to this magnitude are doubles. */
const EXACT: u64 = 1 << 53;

const POWERS: StaticArray<f64> = [
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21,
  1e22, 1e23, 1e24, 1e25, 1e26, 1e27, 1e28, 1e29, 1e30, 1e31, 1e32, 1e33, 1e34, 1e35, 1e36, 1e37, 1e38,
];

@inline
function powerOfTen(exponent: i32): f64 {
  return unchecked(POWERS[exponent]);
}

/** The nearest double of a magnitude, each word rounded on its own. */
@inline
function toDouble(low: u64, word: u64): f64 {
  return (word as f64) * TWO_TO_64 + (low as f64);
}

/**
 * unscaled / 10^scale. Beyond 2^53 the whole and the fraction are converted apart, so that a whole number stays one.
 */
export function decimalToDouble(low: u64, word: i64, scale: i32): f64 {
  const negative = word < 0;
  const magnitudeLow = negative ? 0 - low : low;
  const magnitudeHigh: u64 = negative ? (~word as u64) + (low == 0 ? 1 : 0) : (word as u64);
  let result: f64;
  if (scale == 0 || (magnitudeHigh == 0 && magnitudeLow <= EXACT)) {
    result = toDouble(magnitudeLow, magnitudeHigh) / powerOfTen(scale);
  } else {
    powerOfTenWords(scale);
    const divisorLow = powerLow;
    const divisorHigh = powerHigh;
    const wholeLow = divideUnsigned(magnitudeLow, magnitudeHigh, divisorLow, divisorHigh);
    const wholeHigh = getHigh() as u64;
    // The remainder by multiplying back; it is below the divisor.
    const productLow = wholeLow * divisorLow;
    const restLow = magnitudeLow - productLow;
    const restHigh = magnitudeHigh - highOfProduct(wholeLow, wholeHigh, divisorLow, divisorHigh) - (magnitudeLow < productLow ? 1 : 0);
    result = toDouble(wholeLow, wholeHigh) + toDouble(restLow, restHigh) / powerOfTen(scale);
  }
  return negative ? -result : result;
}

// 10^scale of the last `powerOfTenWords`.
let powerLow: u64 = 0;
let powerHigh: u64 = 0;

function powerOfTenWords(exponent: i32): void {
  let low: u64 = 1;
  let word: u64 = 0;
  for (let i = 0; i < exponent; i++) {
    const carry = multiplyHigh(low, 10);
    low *= 10;
    word = word * 10 + carry;
  }
  powerLow = low;
  powerHigh = word;
}

/** High word of the product of two 128-bit numbers, modulo 2^128. */
@inline
function highOfProduct(aLow: u64, aHigh: u64, bLow: u64, bHigh: u64): u64 {
  return multiplyHigh(aLow, bLow) + aLow * bHigh + aHigh * bLow;
}

/** As `decimalToDouble`, in single precision. */
export function decimalToFloat(low: u64, word: i64, scale: i32): f32 {
  return decimalToDouble(low, word, scale) as f32;
}

/**
 * The nearest integer, a half away from zero, in single precision if so asked; INVALID beyond `precision` digits and
 * for NaN.
 */
export function doubleToDecimal(scaled: f64, precision: i32, single: bool): i64 {
  const magnitude = Math.abs(scaled);
  // Adding a half is inexact where the number has no fraction anyway.
  let rounded = magnitude < 4503599627370496.0 ? Math.floor(magnitude + 0.5) - halfTooMuch(magnitude) : magnitude;
  if (single) rounded = (rounded as f32) as f64;
  if (!(rounded < powerOfTen(precision))) {
    setFailure(INVALID);
    setHigh(0);
    return 0;
  }
  setFailure(OK);
  const top = (rounded / TWO_TO_64) as u64;
  const low = (rounded - (top as f64) * TWO_TO_64) as u64;
  if (scaled < 0) {
    setHigh((~top + (low == 0 ? 1 : 0)) as i64);
    return (0 - low) as i64;
  }
  setHigh(top as i64);
  return low as i64;
}

/** 0.49999999999999994 + 0.5 is 1 as a double. */
@inline
function halfTooMuch(magnitude: f64): f64 {
  return magnitude == 0.49999999999999994 ? 1 : 0;
}
