// Floating-point operations that WebAssembly lacks.

/** C's fmod: the sign is the dividend's; NaN for a divisor of zero. */
export function floatRemainder(a: f64, b: f64): f64 {
  return a % b;
}
