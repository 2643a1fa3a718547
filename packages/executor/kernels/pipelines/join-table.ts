// The hash table of a join. Rows: { next row, hash, … }, 16-aligned; layouts: src/pipelines/operators/join-table.ts.
//
// A directory entry is the address of a chain's first row, its low four bits a small Bloom filter of the chain: each row
// sets the bit that the top two bits of its hash name, so most probes without a match end here.
import { arenaAllocate } from "../memory";
import { rowListCollect } from "./row-buffer";

const DIRECTORY: usize = 0;
const MASK: usize = 4;
const LIST: usize = 8;
const LIST_SEGMENTS: usize = 8;
const LIST_ROWS: usize = 16;

const ROW_NEXT: usize = 0;
const ROW_HASH: usize = 4;
/** Instead of the next row: the row has a NULL key and matches nothing. */
const UNMATCHABLE: u32 = 1;

const MAX_ENTRIES: u32 = 1 << 28;

/** Lists the rows of all threads' buffers and makes the empty directory. False when out of memory. */
export function joinTableCreate(
  table: usize,
  buffers: usize,
  buffersStride: u32,
  threadCount: u32,
  rowStride: u32,
  arena: usize,
): bool {
  if (!rowListCollect(table + LIST, buffers, buffersStride, threadCount, rowStride, arena)) return false;
  const rows = load<u64>(table, LIST_ROWS);
  const wanted = rows + (rows >> 1);
  let entries: u32 = 16;
  while ((entries as u64) < wanted && entries < MAX_ENTRIES) entries <<= 1;
  const directory = arenaAllocate(arena, entries << 2);
  if (directory == 0) return false;
  memory.fill(directory, 0, entries << 2);
  store<u32>(table, directory, DIRECTORY);
  store<u32>(table, entries - 1, MASK);
  return true;
}

/** Chains the rows of segment `task` into the directory. */
export function joinTableInsert(table: usize, task: u32, rowStride: u32, threadCount: u32): void {
  const segment: usize = load<u32>(table, LIST_SEGMENTS) + (task << 4);
  let row = load<u32>(segment);
  const end = row + load<u32>(segment, 8) * rowStride;
  const directory = load<u32>(table, DIRECTORY);
  const mask = load<u32>(table, MASK);
  const alone = threadCount == 1;
  for (; row < end; row += rowStride) {
    if (load<u32>(row, ROW_NEXT) == UNMATCHABLE) continue;
    const hash = load<u32>(row, ROW_HASH);
    const entry: usize = directory + ((hash & mask) << 2);
    const tagged = row | (1 << (hash >>> 30));
    let head = alone ? load<u32>(entry) : atomic.load<u32>(entry);
    for (;;) {
      store<u32>(row, head & ~15, ROW_NEXT);
      const now = tagged | (head & 15);
      if (alone) {
        store<u32>(entry, now);
        break;
      }
      const seen = atomic.cmpxchg<u32>(entry, head, now);
      if (seen == head) break;
      head = seen;
    }
  }
}
