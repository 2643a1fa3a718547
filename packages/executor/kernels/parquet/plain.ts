// PLAIN byte arrays, and the placing of values among NULLs.

/** A reference to bytes, as src/layout/storage.ts has it. */
@inline
export function reference(address: usize, length: u32): u64 {
  return ((length as u64) << 32) | (address as u64);
}

/** References to the next `count` byte arrays of [position, end). The position after them; 0 if they do not fit. */
export function plainByteArrays(position: usize, end: usize, target: usize, count: u32): u32 {
  for (let i: u32 = 0; i < count; i++) {
    if (end - position < 4) return 0;
    const length = load<u32>(position);
    position += 4;
    if (length > end - position) return 0;
    store<u64>(target, reference(position, length));
    target += 8;
    position += length;
  }
  return position as u32;
}

/** Passes over `count` byte arrays. The position after them; 0 if they do not fit. */
export function plainByteArraysSkip(position: usize, end: usize, count: u32): u32 {
  for (let i: u32 = 0; i < count; i++) {
    if (end - position < 4) return 0;
    const length = load<u32>(position);
    position += 4;
    if (length > end - position) return 0;
    position += length;
  }
  return position as u32;
}

/** How many whole byte arrays [position, end) begins with, `most` at most. */
export function plainByteArraysFitting(position: usize, end: usize, most: u32): u32 {
  for (let i: u32 = 0; i < most; i++) {
    if (end - position < 4) return i;
    const length = load<u32>(position);
    position += 4;
    if (length > end - position) return i;
    position += length;
  }
  return most;
}

/** References to `count` values of `width` bytes that lie side by side. */
export function fixedReferences(source: usize, width: u32, target: usize, count: u32): i32 {
  for (let i: u32 = 0; i < count; i++) {
    store<u64>(target + ((i as usize) << 3), reference(source, width));
    source += width;
  }
  return 0;
}

export function copyBytes(target: usize, source: usize, bytes: u32): void {
  memory.copy(target, source, bytes);
}

// `spread…`: `source` has the values of the valid rows side by side; each of `count` rows of `target` gets its own, or 0.
// One value behind the last of `source` may be read.

export function spread1(source: usize, valid: usize, target: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    const isValid: u32 = load<u8>(valid + i);
    store<u8>(target + i, (load<u8>(source) as u32) & (0 - isValid));
    source += isValid;
  }
}

export function spread4(source: usize, valid: usize, target: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    const isValid: u32 = load<u8>(valid + i);
    store<u32>(target + ((i as usize) << 2), load<u32>(source) & (0 - isValid));
    source += isValid << 2;
  }
}

export function spread8(source: usize, valid: usize, target: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    const isValid: u64 = load<u8>(valid + i);
    store<u64>(target + ((i as usize) << 3), load<u64>(source) & (0 - isValid));
    source += (isValid << 3) as usize;
  }
}

export function spread16(source: usize, valid: usize, target: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    const isValid: u64 = load<u8>(valid + i);
    store<u64>(target, load<u64>(source) & (0 - isValid));
    store<u64>(target, load<u64>(source, 8) & (0 - isValid), 8);
    source += (isValid << 4) as usize;
    target += 16;
  }
}
