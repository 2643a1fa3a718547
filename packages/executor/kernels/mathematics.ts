// Functions of real numbers. Callers check what is outside a function's domain.

export function cubeRoot(x: f64): f64 {
  return Math.cbrt(x);
}

export function exponential(x: f64): f64 {
  return Math.exp(x);
}

export function logarithm(x: f64): f64 {
  return Math.log(x);
}

export function logarithm10(x: f64): f64 {
  return Math.log10(x);
}

export function logarithm2(x: f64): f64 {
  return Math.log2(x);
}

export function power(x: f64, y: f64): f64 {
  // C has 1 here, JavaScript NaN.
  if (x == 1 || (x == -1 && Math.abs(y) == Infinity)) return 1;
  return Math.pow(x, y);
}

export function sine(x: f64): f64 {
  return Math.sin(x);
}

export function cosine(x: f64): f64 {
  return Math.cos(x);
}

export function tangent(x: f64): f64 {
  return Math.tan(x);
}

export function arcSine(x: f64): f64 {
  return Math.asin(x);
}

export function arcCosine(x: f64): f64 {
  return Math.acos(x);
}

export function arcTangent(x: f64): f64 {
  return Math.atan(x);
}

export function arcTangent2(y: f64, x: f64): f64 {
  return Math.atan2(y, x);
}

export function hyperbolicSine(x: f64): f64 {
  return Math.sinh(x);
}

export function hyperbolicCosine(x: f64): f64 {
  return Math.cosh(x);
}

export function hyperbolicTangent(x: f64): f64 {
  return Math.tanh(x);
}

/** To the nearest whole number, a half away from zero. */
export function roundHalfAway(x: f64): f64 {
  const magnitude = Math.abs(x);
  let rounded = Math.floor(magnitude);
  if (magnitude - rounded >= 0.5) rounded += 1;
  return copysign(rounded, x);
}

/**
 * To `places` decimal places, below zero to tens and hundreds; with `truncate` towards zero. What is not finite on the way
 * stays as it is, but rounds to zero when to tens and hundreds, as in DuckDB.
 */
export function roundToPlaces(x: f64, places: i32, truncate: bool): f64 {
  const unit = Math.pow(10, Math.abs(places as f64));
  const scaled = places < 0 ? x / unit : x * unit;
  const whole = truncate ? Math.trunc(scaled) : roundHalfAway(scaled);
  const result = places < 0 ? whole * unit : whole / unit;
  if (isFinite(result)) return result;
  return places < 0 && !truncate ? 0 : x;
}

/**
 * An integer to tens, hundreds … (`places` below zero), a half away from zero or with `truncate` towards it. Wraps around
 * beyond 64 bits: the caller sees the sign change.
 */
export function roundInteger(value: i64, places: i32, truncate: bool): i64 {
  if (places >= 0) return value;
  if (places < -18) return 0;
  let unit: i64 = 1;
  for (let i = places; i < 0; i++) unit *= 10;
  const rest = value % unit;
  const down = value - rest;
  if (truncate) return down;
  if (rest >= unit - rest && rest > 0) return down + unit;
  if (-rest >= unit + rest && rest < 0) return down - unit;
  return down;
}
