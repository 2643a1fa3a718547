// The hash table of a join. Rows: { next row, hash, … }, 16-aligned; layouts: src/pipelines/operators/hash-join/join-table.ts.
//
// By hash: a directory entry is the address of a chain's first row, its low four bits a small Bloom filter of the chain: each
// row sets the bit that the top two bits of its hash name, so most probes without a match end here.
//
// By rank, for one integer key whose values lie close together: the bitmap of a runtime filter tells which values there are; the
// number of smaller ones is the chain's place in the directory. It takes little memory, needs no hash, and what is near in
// key order is near in memory.
import { arenaAllocate } from "../memory";
import { rowListCollect } from "./row-buffer";
import { BITMAP, BITS, KIND, MIN, RANGE, ZERO } from "./runtime-filter";

const DIRECTORY: usize = 0;
const MASK: usize = 4;
const LIST: usize = 8;
const LIST_SEGMENTS: usize = 8;
const LIST_ROWS: usize = 16;
/** Of each 64 bits of the bitmap, the number of keys before them; 0: the table is by hash. */
const RANKS: usize = 28;
const LEADERS: usize = 32;
const LEADER_MASK: usize = 36;
/** Instead of an address: the bitmap is all there is. */
const NO_ROWS: u32 = 1;

const ROW_NEXT: usize = 0;
const ROW_HASH: usize = 4;
/** Instead of the next row: the row has a NULL key and matches nothing. */
const UNMATCHABLE: u32 = 1;

const MAX_ENTRIES: u32 = 1 << 28;

/** Lists the rows of all threads' buffers. False when out of memory. */
export function joinTableCollect(
  table: usize,
  buffers: usize,
  buffersStride: u32,
  threadCount: u32,
  rowStride: u32,
  arena: usize,
): bool {
  return rowListCollect(table + LIST, buffers, buffersStride, threadCount, rowStride, arena);
}

/**
 * Makes the empty directory, once the runtime filter `index` (0: none) has all keys. `asksOnlyWhether`: probes want no
 * rows. False when out of memory.
 */
export function joinTableCreate(table: usize, index: usize, asksOnlyWhether: u32, arena: usize): bool {
  if (index != 0 && load<u32>(index, KIND) == BITMAP) return rank(table, index, asksOnlyWhether, arena);
  const rows = load<u64>(table, LIST_ROWS);
  const wanted = rows + (rows >> 1);
  let entries: u32 = 16;
  while ((entries as u64) < wanted && entries < MAX_ENTRIES) entries <<= 1;
  store<u32>(table, entries - 1, MASK);
  return directory(table, entries, arena);
}

function directory(table: usize, entries: u32, arena: usize): bool {
  const address = arenaAllocate(arena, entries << 2);
  if (address == 0) return false;
  memory.fill(address, 0, entries << 2);
  store<u32>(table, address, DIRECTORY);
  return true;
}

/** Makes the empty array of leaders: at most all of the listed rows. False when out of memory. */
export function joinLeadersCreate(table: usize, arena: usize): bool {
  const rows = load<u64>(table, LIST_ROWS);
  const wanted = rows + (rows >> 1);
  let entries: u32 = 16;
  while ((entries as u64) < wanted && entries < MAX_ENTRIES) entries <<= 1;
  const address = arenaAllocate(arena, entries << 2);
  if (address == 0) return false;
  memory.fill(address, 0, entries << 2);
  store<u32>(table, address, LEADERS);
  store<u32>(table, entries - 1, LEADER_MASK);
  return true;
}

function rank(table: usize, index: usize, asksOnlyWhether: u32, arena: usize): bool {
  const bits: usize = load<u32>(index, BITS);
  store<u32>(table, NO_ROWS, RANKS);
  if (asksOnlyWhether != 0 || bits == index + ZERO) return true;
  const words = ((load<u64>(index, RANGE) >> 6) as u32) + 1;
  const ranks: usize = arenaAllocate(arena, words << 2);
  if (ranks == 0) return false;
  let keys: u32 = 0;
  for (let word: u32 = 0; word < words; word++) {
    store<u32>(ranks + ((word as usize) << 2), keys);
    keys += popcnt<u64>(load<u64>(bits + ((word as usize) << 3))) as u32;
  }
  store<u32>(table, ranks as u32, RANKS);
  return directory(table, keys, arena);
}

/**
 * Chains the rows of segment `task` into the directory. With `keyBytes` (4 or 8) the only key is an integer at `keyOffset` of a
 * row, which need not have its hash.
 */
export function joinTableInsert(
  table: usize,
  index: usize,
  task: u32,
  rowStride: u32,
  keyOffset: u32,
  keyBytes: u32,
  threadCount: u32,
): void {
  const ranks: usize = load<u32>(table, RANKS);
  if (ranks == NO_ROWS) return;
  const segment: usize = load<u32>(table, LIST_SEGMENTS) + (task << 4);
  let row: usize = load<u32>(segment);
  const end: usize = row + load<u32>(segment, 8) * rowStride;
  const directory: usize = load<u32>(table, DIRECTORY);
  const alone = threadCount == 1;
  if (ranks != 0) {
    const bits: usize = load<u32>(index, BITS);
    const smallest = load<i64>(index, MIN);
    for (; row < end; row += rowStride) {
      if (load<u32>(row, ROW_NEXT) == UNMATCHABLE) continue;
      const key: i64 = keyBytes == 8 ? load<i64>(row + keyOffset) : (load<i32>(row + keyOffset) as i64);
      const bit: u64 = key - smallest;
      const word = (bit >> 6) as usize;
      const before = load<u64>(bits + (word << 3)) & (((1 as u64) << (bit & 63)) - 1);
      const place = load<u32>(ranks + (word << 2)) + (popcnt<u64>(before) as u32);
      chain(directory + ((place as usize) << 2), row as u32, 0, alone);
    }
    return;
  }
  const mask = load<u32>(table, MASK);
  for (; row < end; row += rowStride) {
    if (load<u32>(row, ROW_NEXT) == UNMATCHABLE) continue;
    const hash =
      keyBytes == 0
        ? load<u32>(row, ROW_HASH)
        : hashOf(keyBytes == 8 ? load<u64>(row + keyOffset) : (load<u32>(row + keyOffset) as u64));
    chain(directory + (((hash & mask) as usize) << 2), row as u32, 1 << (hash >>> 30), alone);
  }
}

@inline
function chain(entry: usize, row: u32, tag: u32, alone: bool): void {
  let head = alone ? load<u32>(entry) : atomic.load<u32>(entry);
  for (;;) {
    store<u32>(row, head & ~15, ROW_NEXT);
    const now = row | tag | (head & 15);
    if (alone) {
      store<u32>(entry, now);
      return;
    }
    const seen = atomic.cmpxchg<u32>(entry, head, now);
    if (seen == head) return;
    head = seen;
  }
}

/** The low half of what src/expressions/hash.ts makes of one integer. */
@inline
function hashOf(word: u64): u32 {
  let mixed: u64 = word * 0x9e3779b97f4a7c15;
  mixed ^= mixed >> 29;
  mixed *= 0xff51afd7ed558ccd;
  return (mixed ^ (mixed >> 32)) as u32;
}
