// DELTA_LENGTH_BYTE_ARRAY and DELTA_BYTE_ARRAY, a page at a time (parquet-format, Encodings.md).
import { fail, OUT_OF_BOUNDS, TRUNCATED } from "./failure";
import { reference } from "./plain";

/** References to `count` byte arrays of the i32 `lengths`, side by side in [position, end). 0, or a failure. */
export function lengthsToReferences(lengths: usize, count: u32, position: usize, end: usize, target: usize): i32 {
  for (let i: u32 = 0; i < count; i++) {
    const length = load<u32>(lengths + ((i as usize) << 2));
    if (length > end - position) return fail(TRUNCATED, position);
    store<u64>(target + ((i as usize) << 3), reference(position, length));
    position += length;
  }
  return 0;
}

/** Bytes that `joinPrefixes` writes, as a float (beyond 2^32 it does not matter how many), or a negative failure. */
export function joinedBytes(prefixes: usize, suffixes: usize, count: u32): f64 {
  let total: f64 = 0;
  let previous: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const prefix = load<u32>(prefixes + ((i as usize) << 2));
    const suffix = load<u32>(suffixes + ((i as usize) << 3), 4);
    if (prefix > previous || prefix > 0x7fffffff) return fail(OUT_OF_BOUNDS, prefixes) as f64;
    if (prefix != 0 && suffix != 0) total += (prefix as f64) + (suffix as f64);
    previous = prefix + suffix;
    if (previous > 0x7fffffff) return fail(OUT_OF_BOUNDS, prefixes) as f64;
  }
  return total;
}

/**
 * Makes values of prefix lengths and suffixes: `references` holds the suffixes and gets the values. Values that are a prefix
 * of the one before, or have none, take no bytes; the others are written at `target`, which has `joinedBytes` of room.
 */
export function joinPrefixes(prefixes: usize, references: usize, count: u32, target: usize): void {
  let previous: usize = 0;
  for (let i: u32 = 0; i < count; i++) {
    const prefix = load<u32>(prefixes + ((i as usize) << 2));
    const at = references + ((i as usize) << 3);
    const suffixAddress: usize = load<u32>(at);
    const suffix = load<u32>(at, 4);
    if (prefix == 0) previous = suffixAddress;
    else if (suffix != 0) {
      memory.copy(target, previous, prefix);
      memory.copy(target + prefix, suffixAddress, suffix);
      previous = target;
      target += prefix + suffix;
    }
    store<u64>(at, reference(previous, prefix + suffix));
  }
}

/** Copies what `references` point to side by side; all must be `width` long. 0, or a failure. */
export function packFixed(references: usize, count: u32, width: u32, target: usize): i32 {
  for (let i: u32 = 0; i < count; i++) {
    const at = references + ((i as usize) << 3);
    if (load<u32>(at, 4) != width) return fail(OUT_OF_BOUNDS, load<u32>(at));
    memory.copy(target, load<u32>(at), width);
    target += width;
  }
  return 0;
}
