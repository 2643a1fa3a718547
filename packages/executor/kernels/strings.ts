// Equality, order, hashes and copies of strings, byte by byte.
import { arenaAllocate } from "./memory";
import { addressOf, EMPTY, lengthOf, referenceTo } from "./reference";

/** Whether two strings of one length are equal: the caller has compared the lengths. Strings kept once are, without a look at their bytes. */
export function stringEquals(a: u64, b: u64): bool {
  return a == b || bytesEqual(addressOf(a), addressOf(b), lengthOf(a));
}

@inline
function bytesEqual(a: usize, b: usize, length: u32): bool {
  if (length >= 16) {
    const last: usize = length - 16;
    for (let i: usize = 0; i < last; i += 16) {
      if (v128.any_true(v128.xor(v128.load(a + i), v128.load(b + i)))) return false;
    }
    return !v128.any_true(v128.xor(v128.load(a + last), v128.load(b + last)));
  }
  if (length >= 8) {
    const last: usize = length - 8;
    return ((load<u64>(a) ^ load<u64>(b)) | (load<u64>(a + last) ^ load<u64>(b + last))) == 0;
  }
  if (length >= 4) {
    const last: usize = length - 4;
    return ((load<u32>(a) ^ load<u32>(b)) | (load<u32>(a + last) ^ load<u32>(b + last))) == 0;
  }
  for (let i: usize = 0; i < length; i++) {
    if (load<u8>(a + i) != load<u8>(b + i)) return false;
  }
  return true;
}

/** Below, at or above zero as `a` is before, equal to or after `b` in the order of their bytes. */
export function stringCompare(a: u64, b: u64): i32 {
  const aLength = lengthOf(a);
  const bLength = lengthOf(b);
  const order = bytesCompare(addressOf(a), addressOf(b), min(aLength, bLength));
  if (order != 0) return order;
  return (aLength > bLength ? 1 : 0) - (aLength < bLength ? 1 : 0);
}

/** memcmp, with -1, 0 or 1. */
function bytesCompare(a: usize, b: usize, length: u32): i32 {
  let i: usize = 0;
  for (; i + 8 <= length; i += 8) {
    const x = load<u64>(a + i);
    const y = load<u64>(b + i);
    if (x != y) return bswap(x) < bswap(y) ? -1 : 1;
  }
  for (; i < length; i++) {
    const x = load<u8>(a + i);
    const y = load<u8>(b + i);
    if (x != y) return x < y ? -1 : 1;
  }
  return 0;
}

const STEP: u64 = 0x9e3779b97f4a7c15;
const FOLD: u64 = 0xff51afd7ed558ccd;

/** 64 bits, eight bytes at a time by multiply and xor-shift. */
export function stringHash(reference: u64): u64 {
  const address = addressOf(reference);
  const length = lengthOf(reference);
  let hash: u64 = (length as u64) * STEP;
  let i: usize = 0;
  for (; i + 8 <= length; i += 8) {
    hash = (hash ^ load<u64>(address + i)) * FOLD;
    hash ^= hash >> 32;
  }
  const rest = length - (i as u32);
  if (rest > 0) {
    let word: u64 = 0;
    if (length >= 8) {
      // The last eight bytes overlap those before; the word still follows from the string alone.
      word = load<u64>(address + length - 8);
    } else {
      for (let k: u32 = 0; k < rest; k++) word |= (load<u8>(address + i + k) as u64) << (k << 3);
    }
    hash = (hash ^ word) * FOLD;
    hash ^= hash >> 32;
  }
  return hash;
}

/** The string with its bytes in the arena; 0 when out of memory. */
export function stringCopy(reference: u64, arena: usize): u64 {
  const length = lengthOf(reference);
  if (length == 0) return EMPTY;
  const address = arenaAllocate(arena, length);
  if (address == 0) return 0;
  memory.copy(address, addressOf(reference), length);
  return referenceTo(address, length);
}
