// Columns as the column cache keeps them: values in fewer bytes, and back.
import { addressOf, EMPTY, lengthOf, referenceTo } from "../reference";

// `packCodes…`: u32 codes, which fit, into fewer bytes each.

export function packCodes1(codes: usize, count: u32, target: usize): void {
  for (let i: usize = 0; i < count; i++) store<u8>(target + i, load<u32>(codes + (i << 2)) as u8);
}

export function packCodes2(codes: usize, count: u32, target: usize): void {
  for (let i: usize = 0; i < count; i++) store<u16>(target + (i << 1), load<u32>(codes + (i << 2)) as u16);
}

/** 64-bit integers into 32 bits each; 0 if one does not fit. */
export function packInt64(values: usize, count: u32, target: usize): u32 {
  let lost: i64 = 0;
  for (let i: usize = 0; i < count; i++) {
    const value = load<i64>(values + (i << 3));
    lost |= value ^ ((value as i32) as i64);
    store<i32>(target + (i << 2), value as i32);
  }
  return lost == 0 ? 1 : 0;
}

// `unpack…`: the same back, for rows 0 … count - 1, or for the `count` rows of `selection`; the others' values do not matter. Up to
// 64 bytes behind either end may be read and written.

export function unpackCodes1(source: usize, target: usize, selection: usize, count: u32): void {
  if (selection != 0) {
    for (let i: usize = 0; i < count; i++) {
      const row: usize = load<u32>(selection + (i << 2));
      store<u32>(target + (row << 2), load<u8>(source + row));
    }
    return;
  }
  for (let i: usize = 0; i < count; i += 16) {
    const bytes = v128.load(source + i);
    const low = i16x8.extend_low_i8x16_u(bytes);
    const high = i16x8.extend_high_i8x16_u(bytes);
    const to = target + (i << 2);
    v128.store(to, i32x4.extend_low_i16x8_u(low));
    v128.store(to, i32x4.extend_high_i16x8_u(low), 16);
    v128.store(to, i32x4.extend_low_i16x8_u(high), 32);
    v128.store(to, i32x4.extend_high_i16x8_u(high), 48);
  }
}

export function unpackCodes2(source: usize, target: usize, selection: usize, count: u32): void {
  if (selection != 0) {
    for (let i: usize = 0; i < count; i++) {
      const row: usize = load<u32>(selection + (i << 2));
      store<u32>(target + (row << 2), load<u16>(source + (row << 1)));
    }
    return;
  }
  for (let i: usize = 0; i < count; i += 8) {
    const shorts = v128.load(source + (i << 1));
    const to = target + (i << 2);
    v128.store(to, i32x4.extend_low_i16x8_u(shorts));
    v128.store(to, i32x4.extend_high_i16x8_u(shorts), 16);
  }
}

export function unpackInt64(source: usize, target: usize, selection: usize, count: u32): void {
  if (selection != 0) {
    for (let i: usize = 0; i < count; i++) {
      const row: usize = load<u32>(selection + (i << 2));
      store<i64>(target + (row << 3), load<i32>(source + (row << 2)));
    }
    return;
  }
  for (let i: usize = 0; i < count; i += 4) {
    const ints = v128.load(source + (i << 2));
    const to = target + (i << 3);
    v128.store(to, i64x2.extend_low_i32x4_s(ints));
    v128.store(to, i64x2.extend_high_i32x4_s(ints), 16);
  }
}

/**
 * Copies strings' bytes to `target` … `end` and writes references to them; NULL becomes the empty string. Returns the end of what
 * was written, 0 if it does not fit.
 */
export function packStrings(
  references: usize,
  valid: usize,
  count: u32,
  out: usize,
  target: usize,
  end: usize,
): usize {
  let next = target;
  for (let i: usize = 0; i < count; i++) {
    let packed = EMPTY;
    if (valid == 0 || load<u8>(valid + i) != 0) {
      const reference = load<u64>(references + (i << 3));
      const length = lengthOf(reference);
      if (length > ((end - next) as u32)) return 0;
      if (length != 0) {
        memory.copy(next, addressOf(reference), length);
        packed = referenceTo(next, length);
        next += length;
      }
    }
    store<u64>(out + (i << 3), packed);
  }
  return next;
}
