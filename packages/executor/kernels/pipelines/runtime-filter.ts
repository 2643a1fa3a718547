// What a join's build tells the scans of its probe side about a key: its range, and which values are in it. Fields and kinds:
// src/pipelines/runtime-filter.ts, where the code that asks is emitted.
//
// A Bloom filter is an array of 64-bit blocks: a key sets three bits of one block (Putze et al. 2007, "Cache-, Hash- and
// Space-Efficient Bloom Filters").
import { arenaAllocate } from "../memory";

export const KIND: usize = 0;
export const BITS: usize = 4;
const MASK: usize = 8;
export const MIN: usize = 16;
export const RANGE: usize = 24;
/** A word that stays 0: the bitmap of no keys. */
export const ZERO: usize = 32;

const IN_RANGE: u32 = 0;
export const BITMAP: u32 = 1;
const BLOOM: u32 = 2;

/** Of a thread's block of key bounds: zeroed = no key seen. */
const THREAD_MIN: usize = 0;
const THREAD_MAX: usize = 8;

const LIST_ROWS: usize = 16;
const LIST_SEGMENTS: usize = 8;
const ROW_NEXT: usize = 0;
const ROW_HASH: usize = 4;
const UNMATCHABLE: u32 = 1;

/** A bitmap of so many bytes, which stays in the second-level cache, is worth having for any number of keys; beyond it, bytes per key. */
const SMALL_BITMAP: u64 = 0x100000;
const BITMAP_BYTES_PER_KEY: u64 = 8;
/** Who wants the filter. */
const FOR_INDEX: u32 = 1;
const FOR_SCANS: u32 = 2;

/** Where nearly every value of the range is a key, a bitmap says little that the range does not. */
const DENSE_SHARE: f64 = 0.9;
const MAX_BLOOM_KEYS: u64 = 1 << 27;

/**
 * Unites the threads' bounds and chooses the kind. `bounds` is the first thread's block, or 0 for keys that are only known by
 * their hash. Without memory the filter lets everything in the range pass. `purpose`: for scans, and (a bitmap only) for the
 * index of a join table.
 */
export function runtimeFilterCreate(
  filter: usize,
  table: usize,
  bounds: usize,
  boundsStride: u32,
  threadCount: u32,
  purpose: u32,
  arena: usize,
): void {
  const rows = load<u64>(table, LIST_ROWS);
  store<u64>(filter, ~0, RANGE);
  if (rows == 0) {
    passNothing(filter);
    return;
  }
  if (bounds != 0) {
    let smallest: i64 = i64.MAX_VALUE;
    let largest: i64 = i64.MIN_VALUE;
    for (let t: u32 = 0; t < threadCount; t++) {
      const block = bounds + t * boundsStride;
      smallest = min(smallest, load<i64>(block, THREAD_MIN) ^ i64.MAX_VALUE);
      largest = max(largest, load<i64>(block, THREAD_MAX) ^ i64.MIN_VALUE);
    }
    if (smallest > largest) {
      passNothing(filter);
      return;
    }
    const range: u64 = largest - smallest;
    store<i64>(filter, smallest, MIN);
    store<u64>(filter, range, RANGE);
    if ((purpose & FOR_INDEX) == 0 && (rows as f64) >= (range as f64) * DENSE_SHARE) return;
    // One bit more, always 0, for what lies beyond.
    const bytes = (range >> 3) + 9;
    if (bytes <= max(SMALL_BITMAP, rows * BITMAP_BYTES_PER_KEY)) {
      allocate(filter, BITMAP, bytes as u32, arena);
      return;
    }
  }
  if (rows > MAX_BLOOM_KEYS || (purpose & FOR_SCANS) == 0) return;
  let blocks: u64 = 16;
  while (blocks << 2 < rows) blocks <<= 1;
  if (allocate(filter, BLOOM, (blocks as u32) << 3, arena)) store<u32>(filter, (blocks as u32) - 1, MASK);
}

function passNothing(filter: usize): void {
  store<u32>(filter, filter + ZERO, BITS);
  store<u64>(filter, 0, RANGE);
  store<u32>(filter, BITMAP, KIND);
}

function allocate(filter: usize, kind: u32, bytes: u32, arena: usize): bool {
  const bits = arenaAllocate(arena, (bytes + 7) & ~7);
  if (bits == 0) return false;
  memory.fill(bits, 0, (bytes + 7) & ~7);
  store<u32>(filter, bits, BITS);
  store<u32>(filter, kind, KIND);
  return true;
}

/**
 * Adds the keys of the rows in segment `task`, before they are chained. Keys are `keyBytes` (4 or 8) bytes at
 * `keyOffset` of a row; 0: the row's hash stands for its key.
 */
export function runtimeFilterInsert(
  filter: usize,
  table: usize,
  task: u32,
  rowStride: u32,
  keyOffset: u32,
  keyBytes: u32,
  threadCount: u32,
): void {
  const kind = load<u32>(filter, KIND);
  const bits: usize = load<u32>(filter, BITS);
  if (kind == IN_RANGE || bits == filter + ZERO) return;
  const mask = load<u32>(filter, MASK);
  const smallest = load<i64>(filter, MIN);
  const segment: usize = load<u32>(table, LIST_SEGMENTS) + (task << 4);
  let row: usize = load<u32>(segment);
  const end: usize = row + load<u32>(segment, 8) * rowStride;
  const alone = threadCount == 1;
  for (; row < end; row += rowStride) {
    if (load<u32>(row, ROW_NEXT) == UNMATCHABLE) continue;
    const key: i64 =
      keyBytes == 8
        ? load<i64>(row + keyOffset)
        : keyBytes == 4
          ? (load<i32>(row + keyOffset) as i64)
          : (load<u32>(row, ROW_HASH) as i64);
    if (kind == BITMAP) {
      const index: u64 = key - smallest;
      setBits(bits + (((index >> 6) as usize) << 3), (1 as u64) << (index & 63), alone);
    } else {
      const mixed = mix(key);
      setBits(bits + ((((mixed >> 14) as u32) & mask) << 3), bloomBits(mixed), alone);
    }
  }
}

@inline
function setBits(address: usize, wanted: u64, alone: bool): void {
  const now = load<u64>(address);
  if ((now & wanted) == wanted) return;
  if (alone) store<u64>(address, now | wanted);
  else atomic.or<u64>(address, wanted);
}

@inline
function mix(key: i64): u64 {
  let mixed: u64 = key * 0x9e3779b97f4a7c15;
  mixed ^= mixed >> 32;
  return mixed * 0xff51afd7ed558ccd;
}

@inline
function bloomBits(mixed: u64): u64 {
  return ((1 as u64) << (mixed >> 58)) | ((1 as u64) << ((mixed >> 52) & 63)) | ((1 as u64) << ((mixed >> 46) & 63));
}

/** Whether some value between the bounds (inclusive) may pass. */
export function runtimeFilterMayPass(filter: usize, low: i64, high: i64): bool {
  const bits: usize = load<u32>(filter, BITS);
  if (bits == filter + ZERO) return false;
  const range = load<u64>(filter, RANGE);
  // Known by their hashes alone.
  if (range == ~0) return true;
  const smallest = load<i64>(filter, MIN);
  const largest = smallest + (range as i64);
  if (high < smallest || low > largest || low > high) return false;
  if (load<u32>(filter, KIND) != BITMAP) return true;
  const first: u64 = max(low, smallest) - smallest;
  const last: u64 = min(high, largest) - smallest;
  const firstWord = first >> 6;
  const lastWord = last >> 6;
  for (let word = firstWord; word <= lastWord; word++) {
    let set = load<u64>(bits + ((word as usize) << 3));
    if (word == firstWord) set &= (~0 as u64) << (first & 63);
    if (word == lastWord) set &= (~0 as u64) >> (63 - (last & 63));
    if (set != 0) return true;
  }
  return false;
}

/**
 * Of the rows in `selection` (0: all `count`), those whose key is in the filter's bitmap, written to `out`; returns how many. `keyBytes`:
 * 4 or 8; `values` is the address of row 0's key.
 */
export function runtimeFilterSelect(
  filter: usize,
  values: usize,
  keyBytes: u32,
  selection: usize,
  count: u32,
  out: usize,
): u32 {
  const bits: usize = load<u32>(filter, BITS);
  const smallest = load<i64>(filter, MIN);
  const range = load<u64>(filter, RANGE);
  if (keyBytes == 8) {
    return selection == 0
      ? selectRows<u64>(bits, smallest, range, values, 0, count, out)
      : selectRows<u64>(bits, smallest, range, values, selection, count, out);
  }
  return selection == 0
    ? selectRows<u32>(bits, smallest as u32, range, values, 0, count, out)
    : selectRows<u32>(bits, smallest as u32, range, values, selection, count, out);
}

// Inlined once with rows of a selection and once without. Keys outside of the range look at the bit behind it, which is never set.
@inline
function selectRows<Key>(
  bits: usize,
  smallest: Key,
  range: u64,
  values: usize,
  selection: usize,
  count: u32,
  out: usize,
): u32 {
  const beyond = range + 1;
  let to = out;
  for (let i: usize = 0; i < (count as usize); i++) {
    const row: usize = selection == 0 ? i : load<u32>(selection + (i << 2));
    // In the key's own width: the difference wraps.
    const distance: Key = load<Key>(values + row * sizeof<Key>()) - smallest;
    const bit = min<u64>(distance as u64, beyond);
    store<u32>(to, row as u32);
    const octet: u32 = load<u8>(bits + ((bit >> 3) as usize));
    to += ((octet >> ((bit as u32) & 7)) & 1) << 2;
  }
  return ((to - out) as u32) >> 2;
}
