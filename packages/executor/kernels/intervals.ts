// Intervals as two words: microseconds; days in the low, months in the high half of the second.

export const MICROS_PER_DAY: i64 = 86400000000;
const DAYS_PER_MONTH: i64 = 30;

/** Length in whole months of 30 days of 24 hours, what is left in days, and what is left in microseconds. */
@inline
function monthsOf(micros: i64, high: u64): i64 {
  return (high >> 32) as i32 as i64 + (carriedDays(micros, high) / DAYS_PER_MONTH);
}

@inline
function carriedDays(micros: i64, high: u64): i64 {
  return (high as i32 as i64) + micros / MICROS_PER_DAY;
}

/** Below, at or above zero as interval `a` is shorter than, as long as or longer than `b`. */
export function intervalCompare(aMicros: i64, aHigh: u64, bMicros: i64, bHigh: u64): i32 {
  const months = order(monthsOf(aMicros, aHigh), monthsOf(bMicros, bHigh));
  if (months != 0) return months;
  const days = order(carriedDays(aMicros, aHigh) % DAYS_PER_MONTH, carriedDays(bMicros, bHigh) % DAYS_PER_MONTH);
  if (days != 0) return days;
  return order(aMicros % MICROS_PER_DAY, bMicros % MICROS_PER_DAY);
}

@inline
function order(a: i64, b: i64): i32 {
  return (a > b ? 1 : 0) - (a < b ? 1 : 0);
}

/** Equal for intervals that compare equal. */
export function intervalHash(micros: i64, high: u64): u64 {
  const days = monthsOf(micros, high) * 31 + (carriedDays(micros, high) % DAYS_PER_MONTH);
  return ((days as u64) * 0x9e3779b97f4a7c15) ^ ((micros % MICROS_PER_DAY) as u64);
}
