// Between the storage of columns (src/layout/storage.ts) and Arrow's buffers: whole columns per call, both ways.
import { arenaAllocate } from "./memory";
import { addressOf, EMPTY, lengthOf, referenceTo } from "./reference";

/** Without reading or writing a byte beyond either end. */
@inline
function copyBytes(to: usize, from: usize, length: u32): void {
  if (length >= 16) {
    const last: usize = length - 16;
    for (let i: usize = 0; i < last; i += 16) v128.store(to + i, v128.load(from + i));
    v128.store(to + last, v128.load(from + last));
  } else if (length >= 8) {
    const last: usize = length - 8;
    const head = load<u64>(from);
    store<u64>(to + last, load<u64>(from + last));
    store<u64>(to, head);
  } else if (length >= 4) {
    const last: usize = length - 4;
    const head = load<u32>(from);
    store<u32>(to + last, load<u32>(from + last));
    store<u32>(to, head);
  } else {
    for (let i: usize = 0; i < length; i++) store<u8>(to + i, load<u8>(from + i));
  }
}

@inline
function isValid(valid: usize, row: usize): bool {
  return valid == 0 || load<u8>(valid + row) != 0;
}

/** Bytes of 0 and 1 to bits, least significant first, in whole bytes; how many are 1. */
export function packBits(bytes: usize, count: u32, out: usize): u32 {
  let ones: u32 = 0;
  let i: usize = 0;
  const zero = i8x16.splat(0);
  for (; i + 16 <= count; i += 16) {
    const bits = i8x16.bitmask(i8x16.ne(v128.load(bytes + i), zero));
    ones += popcnt(bits);
    store<u16>(out + (i >> 3), bits as u16);
  }
  for (; i < count; i += 8) {
    let bits: u32 = 0;
    for (let k: usize = 0; k < 8 && i + k < count; k++) bits |= (load<u8>(bytes + i + k) != 0 ? 1 : 0) << (k as u32);
    ones += popcnt(bits);
    store<u8>(out + (i >> 3), bits as u8);
  }
  return ones;
}

/** Bits from `firstBit` on to bytes of 0 and 1; how many are 1. */
export function bitmapToBytes(bits: usize, firstBit: u32, count: u32, out: usize): u32 {
  let ones: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const bit = firstBit + i;
    const value: u32 = (load<u8>(bits + (bit >> 3)) >> ((bit & 7) as u8)) & 1;
    ones += value;
    store<u8>(out + i, value as u8);
  }
  return ones;
}

/** Bytes of all strings together; f64, so that the host gets a number. */
export function stringBytes(references: usize, valid: usize, count: u32): f64 {
  let total: u64 = 0;
  for (let i: usize = 0; i < count; i++) {
    if (isValid(valid, i)) total += lengthOf(load<u64>(references + (i << 3)));
  }
  return total as f64;
}

/** count + 1 offsets and the bytes they delimit; NULL takes none. The host has made room with `stringBytes`. */
export function stringsToArrow(references: usize, valid: usize, count: u32, offsets: usize, bytes: usize): void {
  let end: u32 = 0;
  store<u32>(offsets, 0);
  for (let i: usize = 0; i < count; i++) {
    if (isValid(valid, i)) {
      const reference = load<u64>(references + (i << 3));
      const length = lengthOf(reference);
      copyBytes(bytes + end, addressOf(reference), length);
      end += length;
    }
    store<u32>(offsets + ((i + 1) << 2), end);
  }
}

/** Copies the bytes of rows `from` to `to` into the arena and their references with them; false when out of memory. */
export function keepStrings(references: usize, valid: usize, from: u32, to: u32, arena: usize): bool {
  const first = references + (from << 3);
  const firstValid = valid == 0 ? 0 : valid + from;
  const total = stringBytes(first, firstValid, to - from);
  if (total == 0) return true;
  if (total > 2147483648.0) return false;
  let next: usize = arenaAllocate(arena, total as u32);
  if (next == 0) return false;
  for (let i: usize = 0; i < to - from; i++) {
    if (!isValid(firstValid, i)) continue;
    const at = first + (i << 3);
    const reference = load<u64>(at);
    const length = lengthOf(reference);
    copyBytes(next, addressOf(reference), length);
    store<u64>(at, length == 0 ? EMPTY : referenceTo(next, length));
    next += length;
  }
  return true;
}

/** References to `count` strings that lie at `bytes`, between offsets of 32 bits. */
export function stringsFromArrow(offsets: usize, count: u32, bytes: usize, out: usize): void {
  for (let i: usize = 0; i < count; i++) {
    const start = load<u32>(offsets + (i << 2));
    const length = load<u32>(offsets + (i << 2), 4) - start;
    store<u64>(out + (i << 3), length == 0 ? EMPTY : referenceTo(bytes + start, length));
  }
}

/** The same, each `width` bytes long. */
export function fixedBytesFromArrow(width: u32, count: u32, bytes: usize, out: usize): void {
  for (let i: usize = 0; i < count; i++) {
    store<u64>(out + (i << 3), width == 0 ? EMPTY : referenceTo(bytes + i * width, width));
  }
}

/**
 * Arrow's string views: i32 length, then up to 12 bytes inline, or prefix, u32 buffer, u32 offset (Arrow columnar format, "variable-size
 * binary view"). `buffers`: u32 addresses. The views must stay: short strings are referred to in place.
 */
export function stringsFromViews(views: usize, valid: usize, count: u32, buffers: usize, out: usize): void {
  for (let i: usize = 0; i < count; i++) {
    const view = views + (i << 4);
    const length = load<u32>(view);
    let reference: u64 = EMPTY;
    if (isValid(valid, i) && length != 0) {
      const address = length <= 12 ? view + 4 : load<u32>(buffers + (load<u32>(view, 8) << 2)) + load<u32>(view, 12);
      reference = referenceTo(address, length);
    }
    store<u64>(out + (i << 3), reference);
  }
}

/** Sign-extends 64-bit integers to 128 bits. */
export function widenInt64(values: usize, count: u32, out: usize): void {
  for (let i: usize = 0; i < count; i++) {
    const value = load<i64>(values + (i << 3));
    store<i64>(out + (i << 4), value);
    store<i64>(out + (i << 4), value >> 63, 8);
  }
}

/** Extends 32-bit integers to 64 bits. */
export function widenInt32(values: usize, count: u32, signed: bool, out: usize): void {
  for (let i: usize = 0; i < count; i++) {
    const value = load<i32>(values + (i << 2));
    store<i64>(out + (i << 3), signed ? (value as i64) : ((value as u32) as i64));
  }
}

/** The low 32 bits. */
export function narrowInt64(values: usize, count: u32, out: usize): void {
  for (let i: usize = 0; i < count; i++) store<u32>(out + (i << 2), load<u32>(values + (i << 3)));
}

/** 128-bit integers that fit 64 bits; false when one that is not NULL does not. NULL becomes 0. */
export function narrowInt128(values: usize, valid: usize, count: u32, out: usize): bool {
  for (let i: usize = 0; i < count; i++) {
    let low: i64 = 0;
    if (isValid(valid, i)) {
      low = load<i64>(values + (i << 4));
      if (load<i64>(values + (i << 4), 8) != low >> 63) return false;
    }
    store<i64>(out + (i << 3), low);
  }
  return true;
}

/** 64-bit integers times `factor` > 0; false when a product that is not NULL overflows. In place is allowed. */
export function multiplyInt64(values: usize, valid: usize, count: u32, factor: i32, out: usize): bool {
  const highest = i64.MAX_VALUE / (factor as i64);
  for (let i: usize = 0; i < count; i++) {
    const value = load<i64>(values + (i << 3));
    const fits = value <= highest && value >= -highest;
    if (!fits && isValid(valid, i)) return false;
    store<i64>(out + (i << 3), fits ? value * (factor as i64) : 0);
  }
  return true;
}

/** 16 bytes in network order to the storage of uuid, or back: reversed, top bit flipped. Not in place. */
export function uuidsToArrow(values: usize, count: u32, out: usize): void {
  for (let i: usize = 0; i < count; i++) {
    store<u64>(out + (i << 4), bswap<u64>(load<u64>(values + (i << 4), 8) ^ 0x8000000000000000));
    store<u64>(out + (i << 4), bswap<u64>(load<u64>(values + (i << 4))), 8);
  }
}

export function uuidsFromArrow(bytes: usize, count: u32, out: usize): void {
  for (let i: usize = 0; i < count; i++) {
    store<u64>(out + (i << 4), bswap<u64>(load<u64>(bytes + (i << 4), 8)));
    store<u64>(out + (i << 4), bswap<u64>(load<u64>(bytes + (i << 4))) ^ 0x8000000000000000, 8);
  }
}

/** To Arrow's { i32 months, i32 days, i64 nanoseconds }; false when the nanoseconds of one that is not NULL overflow. */
export function intervalsToArrow(values: usize, valid: usize, count: u32, out: usize): bool {
  const highest = i64.MAX_VALUE / 1000;
  for (let i: usize = 0; i < count; i++) {
    const micros = load<i64>(values + (i << 4));
    const fits = micros <= highest && micros >= -highest;
    if (!fits && isValid(valid, i)) return false;
    store<u64>(out + (i << 4), rotl<u64>(load<u64>(values + (i << 4), 8), 32));
    store<i64>(out + (i << 4), fits ? micros * 1000 : 0, 8);
  }
  return true;
}

/** And back; false when nanoseconds of one that is not NULL are no whole microseconds. */
export function intervalsFromArrow(intervals: usize, valid: usize, count: u32, out: usize): bool {
  for (let i: usize = 0; i < count; i++) {
    const nanos = load<i64>(intervals + (i << 4), 8);
    if (nanos % 1000 != 0 && isValid(valid, i)) return false;
    store<i64>(out + (i << 4), nanos / 1000);
    store<u64>(out + (i << 4), rotl<u64>(load<u64>(intervals + (i << 4)), 32), 8);
  }
  return true;
}

/** out[i] = values[indices[i]] for values of 1, 4, 8 or 16 bytes; NULL takes value 0 of the dictionary, or nothing when it is empty. */
export function gatherValues(
  values: usize,
  dictionaryCount: u32,
  width: u32,
  indices: usize,
  valid: usize,
  count: u32,
  out: usize,
): bool {
  for (let i: usize = 0; i < count; i++) {
    let index = load<u32>(indices + (i << 2));
    if (!isValid(valid, i)) {
      index = 0;
      if (dictionaryCount == 0) {
        memory.fill(out + i * width, 0, width);
        continue;
      }
    } else if (index >= dictionaryCount) {
      return false;
    }
    const from = values + index * width;
    if (width == 8) store<u64>(out + (i << 3), load<u64>(from));
    else if (width == 4) store<u32>(out + (i << 2), load<u32>(from));
    else if (width == 16) v128.store(out + (i << 4), v128.load(from));
    else store<u8>(out + i, load<u8>(from));
  }
  return true;
}

const NO_EXTREMES: f64 = -1;

// Row of the smallest and row of the largest value that is not NULL, as smallest + largest * 2^26; NO_EXTREMES when there is none or
// one of them is NaN. f64, so that the host gets a number.
@inline
function extremes<T>(values: usize, valid: usize, count: u32): f64 {
  let found = false;
  let lowest: u32 = 0;
  let highest: u32 = 0;
  let low: T = 0 as T;
  let high: T = 0 as T;
  for (let i: u32 = 0; i < count; i++) {
    if (!isValid(valid, i)) continue;
    const value = load<T>(values + i * sizeof<T>());
    if (value != value) return NO_EXTREMES;
    if (!found || value < low) {
      low = value;
      lowest = i;
    }
    if (!found || value > high) {
      high = value;
      highest = i;
    }
    found = true;
  }
  return found ? (lowest as f64) + (highest as f64) * 67108864.0 : NO_EXTREMES;
}

export function extremesInt32(values: usize, valid: usize, count: u32): f64 {
  return extremes<i32>(values, valid, count);
}

export function extremesInt64(values: usize, valid: usize, count: u32): f64 {
  return extremes<i64>(values, valid, count);
}

export function extremesUint64(values: usize, valid: usize, count: u32): f64 {
  return extremes<u64>(values, valid, count);
}

export function extremesFloat32(values: usize, valid: usize, count: u32): f64 {
  return extremes<f32>(values, valid, count);
}

export function extremesFloat64(values: usize, valid: usize, count: u32): f64 {
  return extremes<f64>(values, valid, count);
}
