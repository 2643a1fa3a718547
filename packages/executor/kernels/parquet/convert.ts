// From physical values (side by side, as parquet-format stores them) to the storage of their SQL type. 0, or a failure.
import { fail, VALUE_TOO_LARGE } from "./failure";

/** Integers of 8 and 16 bits are stored as 32: the rest of the word is made what the type says. */
export function narrowInt32(source: usize, target: usize, count: u32, bits: u32, signed: u32): i32 {
  const shift = 32 - bits;
  for (let i: u32 = 0; i < count; i++) {
    const word = load<i32>(source + ((i as usize) << 2)) << shift;
    store<i32>(target + ((i as usize) << 2), signed ? word >> shift : ((word as u32) >> shift));
  }
  return 0;
}

export function int32ToInt64(source: usize, target: usize, count: u32, factor: u32): i32 {
  for (let i: u32 = 0; i < count; i++) {
    store<i64>(target + ((i as usize) << 3), (load<i32>(source + ((i as usize) << 2)) as i64) * (factor as i64));
  }
  return 0;
}

export function uint32ToInt64(source: usize, target: usize, count: u32): i32 {
  for (let i: u32 = 0; i < count; i++) {
    store<u64>(target + ((i as usize) << 3), load<u32>(source + ((i as usize) << 2)));
  }
  return 0;
}

/** Milliseconds to microseconds. */
export function scaleInt64(source: usize, target: usize, count: u32, factor: u32): i32 {
  const limit = i64.MAX_VALUE / (factor as i64);
  for (let i: u32 = 0; i < count; i++) {
    const at = source + ((i as usize) << 3);
    const value = load<i64>(at);
    if (value > limit || value < -limit) return fail(VALUE_TOO_LARGE, at);
    store<i64>(target + ((i as usize) << 3), value * (factor as i64));
  }
  return 0;
}

export function int32ToInt128(source: usize, target: usize, count: u32): i32 {
  for (let i: u32 = 0; i < count; i++) {
    const value = load<i32>(source + ((i as usize) << 2)) as i64;
    store<i64>(target, value);
    store<i64>(target, value >> 63, 8);
    target += 16;
  }
  return 0;
}

export function int64ToInt128(source: usize, target: usize, count: u32): i32 {
  for (let i: u32 = 0; i < count; i++) {
    const value = load<i64>(source + ((i as usize) << 3));
    store<i64>(target, value);
    store<i64>(target, value >> 63, 8);
    target += 16;
  }
  return 0;
}

let low: u64 = 0;
let high: i64 = 0;

/** Big-endian two's complement of any length to `high`, `low`; false if 128 bits cannot hold it. */
function readBigEndian(source: usize, length: u32): bool {
  if (length == 0) {
    low = 0;
    high = 0;
    return true;
  }
  const sign: i64 = load<i8>(source) < 0 ? -1 : 0;
  low = sign as u64;
  high = sign;
  let first: u32 = 0;
  if (length > 16) {
    first = length - 16;
    for (let i: u32 = 0; i < first; i++) {
      if (load<i8>(source + i) != (sign as i8)) return false;
    }
    if ((load<i8>(source + first) < 0) != (sign < 0)) return false;
  }
  for (let i = first; i < length; i++) {
    high = (high << 8) | ((low >> 56) as i64);
    low = (low << 8) | load<u8>(source + i);
  }
  return true;
}

/** A 64-bit decimal, if it fits; else false. */
@inline
function fitsInt64(): bool {
  return high == (low as i64) >> 63;
}

export function fixedToInt64(source: usize, target: usize, count: u32, width: u32): i32 {
  for (let i: u32 = 0; i < count; i++) {
    if (!readBigEndian(source, width) || !fitsInt64()) return fail(VALUE_TOO_LARGE, source);
    store<u64>(target + ((i as usize) << 3), low);
    source += width;
  }
  return 0;
}

export function fixedToInt128(source: usize, target: usize, count: u32, width: u32): i32 {
  for (let i: u32 = 0; i < count; i++) {
    if (!readBigEndian(source, width)) return fail(VALUE_TOO_LARGE, source);
    store<u64>(target, low);
    store<i64>(target, high, 8);
    target += 16;
    source += width;
  }
  return 0;
}

/** From references to big-endian numbers (DECIMAL in BYTE_ARRAY). */
export function bytesToInt64(source: usize, target: usize, count: u32): i32 {
  for (let i: u32 = 0; i < count; i++) {
    const at: usize = load<u32>(source);
    if (!readBigEndian(at, load<u32>(source, 4)) || !fitsInt64()) return fail(VALUE_TOO_LARGE, at);
    store<u64>(target, low);
    source += 8;
    target += 8;
  }
  return 0;
}

export function bytesToInt128(source: usize, target: usize, count: u32): i32 {
  for (let i: u32 = 0; i < count; i++) {
    const at: usize = load<u32>(source);
    if (!readBigEndian(at, load<u32>(source, 4))) return fail(VALUE_TOO_LARGE, at);
    store<u64>(target, low);
    store<i64>(target, high, 8);
    source += 8;
    target += 16;
  }
  return 0;
}

/** Sixteen bytes, the most significant first; the top bit is flipped so that signed order is byte order. */
export function fixedToUuid(source: usize, target: usize, count: u32): i32 {
  for (let i: u32 = 0; i < count; i++) {
    store<u64>(target, bswap(load<u64>(source, 8)));
    store<u64>(target, bswap(load<u64>(source)) ^ 0x8000000000000000, 8);
    source += 16;
    target += 16;
  }
  return 0;
}

/** Months, days, milliseconds, each u32, to microseconds (low) and days, months (high). */
export function fixedToInterval(source: usize, target: usize, count: u32): i32 {
  for (let i: u32 = 0; i < count; i++) {
    const months = load<u32>(source) as u64;
    const days = load<u32>(source, 4) as u64;
    store<u64>(target, (load<u32>(source, 8) as u64) * 1000);
    store<u64>(target, (months << 32) | days, 8);
    source += 12;
    target += 16;
  }
  return 0;
}

const JULIAN_DAY_OF_EPOCH: i64 = 2440588;
const MICROS_PER_DAY: i64 = 86400000000;
const NANOS_PER_MICRO: i64 = 1000;

/** INT96: nanoseconds of the day (i64) and Julian day (i32), to microseconds since 1970. */
export function int96ToTimestamp(source: usize, target: usize, count: u32): i32 {
  for (let i: u32 = 0; i < count; i++) {
    const days = (load<i32>(source, 8) as i64) - JULIAN_DAY_OF_EPOCH;
    // A day beyond 64 bits of microseconds cannot be told from a wrong one.
    if (days > 106751990 || days < -106751990) return fail(VALUE_TOO_LARGE, source);
    store<i64>(target, days * MICROS_PER_DAY + load<i64>(source) / NANOS_PER_MICRO);
    source += 12;
    target += 8;
  }
  return 0;
}

/** IEEE 754 half precision to single. */
export function float16ToFloat(source: usize, target: usize, count: u32): i32 {
  for (let i: u32 = 0; i < count; i++) {
    const half = load<u16>(source + ((i as usize) << 1)) as u32;
    const sign = (half & 0x8000) << 16;
    const exponent = (half >> 10) & 31;
    const fraction = half & 0x3ff;
    let bits: u32;
    if (exponent == 31) bits = sign | 0x7f800000 | (fraction << 13);
    else if (exponent != 0) bits = sign | ((exponent + 112) << 23) | (fraction << 13);
    else {
      // Zero or subnormal: a multiple of 2^-24, exact in single precision.
      bits = sign | reinterpret<u32>((fraction as f32) * reinterpret<f32>(0x33800000));
    }
    store<u32>(target + ((i as usize) << 2), bits);
  }
  return 0;
}
