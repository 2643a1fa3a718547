// Finding a string in another. Vector loads may read up to 15 bytes past a string's end, where the memory has them.
import { addressOf, lengthOf } from "./reference";

/** Whether 16-byte loads that begin before `end` stay inside the memory. */
@inline
function readableTo(end: usize): bool {
  return ((end as u64) + 16) <= ((memory.size() as u64) << 16);
}

/**
 * Address of the first occurrence of the needle in [from, end), or 0. Sixteen positions are tried at a time: only where
 * first and last byte agree are the bytes between compared.
 */
export function findBytes(from: usize, end: usize, needle: usize, length: u32): usize {
  if (length == 0) return from;
  if (end - from < length || end < from) return 0;
  const last: usize = end - length;
  if (!readableTo(end)) return findSlowly(from, last, needle, length);
  const first = i8x16.splat(load<i8>(needle));
  const final = i8x16.splat(load<i8>(needle + length - 1));
  for (let at = from; at <= last; at += 16) {
    let candidates = i8x16.bitmask(
      v128.and(i8x16.eq(v128.load(at), first), i8x16.eq(v128.load(at + length - 1), final)),
    );
    while (candidates != 0) {
      const found = at + ctz(candidates);
      if (found > last) return 0;
      if (length <= 2 || same(found + 1, needle + 1, length - 2)) return found;
      candidates &= candidates - 1;
    }
  }
  return 0;
}

function findSlowly(from: usize, last: usize, needle: usize, length: u32): usize {
  for (let at = from; at <= last; at++) {
    if (same(at, needle, length)) return at;
  }
  return 0;
}

@inline
function same(a: usize, b: usize, length: u32): bool {
  let i: usize = 0;
  for (; i + 8 <= length; i += 8) {
    if (load<u64>(a + i) != load<u64>(b + i)) return false;
  }
  for (; i < length; i++) {
    if (load<u8>(a + i) != load<u8>(b + i)) return false;
  }
  return true;
}

export function stringContains(text: u64, part: u64): bool {
  const address = addressOf(text);
  return findBytes(address, address + lengthOf(text), addressOf(part), lengthOf(part)) != 0 || lengthOf(part) == 0;
}

export function stringStartsWith(text: u64, part: u64): bool {
  const length = lengthOf(part);
  return length <= lengthOf(text) && same(addressOf(text), addressOf(part), length);
}

export function stringEndsWith(text: u64, part: u64): bool {
  const length = lengthOf(part);
  return length <= lengthOf(text) && same(addressOf(text) + lengthOf(text) - length, addressOf(part), length);
}
