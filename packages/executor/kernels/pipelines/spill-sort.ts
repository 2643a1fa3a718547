// Sorted runs on disk, and their merging. Layouts: src/spill/spill-sort.ts. Entries: { prefix: u64, row: u32, 0 }, src/pipelines/sorting.
import { arenaAllocate, arenaReset, slabAllocate, slabFree } from "../memory";
import { firstRow, newestChunk, previousChunk, rowBufferCount, rowsEnd } from "./row-buffer";
import { ENTRY_BYTES, ENTRY_NEXT, ENTRY_ROWS, spoolRoom } from "./spill";

// A thread's run: { row buffer (16 bytes), entries, rows at most, scratch, bytes at most, newest slab seen, bytes of slabs seen, runs on disk:
// newest first, each { next, first block's entry } }.
const RUN_ENTRIES: usize = 16;
const RUN_ROWS: usize = 20;
const RUN_SCRATCH: usize = 24;
const RUN_BYTES: usize = 28;
const RUN_SLAB: usize = 32;
const RUN_SEEN: usize = 36;
const RUN_LIST: usize = 40;

const ARENA_SLAB: usize = 12;
const SORT_ENTRY: u32 = 16;
const SORT_ENTRY_ROW: usize = 8;

const LEAST_ROWS: u32 = 1024;
const MOST_ROWS: u32 = 1 << 25;
const LEAST_BYTES: u64 = 1 << 17;

/** Decides how long the thread's runs may be, and takes the memory for sorting one. False when out of memory. */
export function spillRunOpen(run: usize, stride: u32, threadCount: u32, arena: usize): bool {
  // The rest is for the scan, which may have taken nothing yet, and for what varies.
  const share: u64 = (((spoolRoom(arena) >> 3) * 5) / (threadCount as u64)) as u64;
  const wanted = share / ((stride + 2 * SORT_ENTRY) as u64);
  let rows = LEAST_ROWS;
  while (rows < MOST_ROWS && ((rows << 1) as u64) <= wanted) rows <<= 1;
  const query: usize = load<u32>(arena);
  const entries = slabAllocate(query, rows * SORT_ENTRY);
  if (entries == 0) return false;
  const scratch = slabAllocate(query, rows * SORT_ENTRY);
  if (scratch == 0) {
    slabFree(query, entries);
    return false;
  }
  const arrays: u64 = (rows as u64) * 2 * SORT_ENTRY;
  store<u32>(run, entries, RUN_ENTRIES);
  store<u32>(run, scratch, RUN_SCRATCH);
  store<u32>(run, rows, RUN_ROWS);
  store<u32>(run, min<u64>(max<u64>(share - min<u64>(share, arrays), LEAST_BYTES), 0x7fffffff) as u32, RUN_BYTES);
  return true;
}

export function spillRunClose(run: usize, arena: usize): void {
  if (load<u32>(run, RUN_ENTRIES) == 0) return;
  const query: usize = load<u32>(arena);
  slabFree(query, load<u32>(run, RUN_ENTRIES));
  slabFree(query, load<u32>(run, RUN_SCRATCH));
  store<u32>(run, 0, RUN_ENTRIES);
}

/** Whether the rows are to be written before another one is kept. */
export function spillRunFull(run: usize, stride: u32, arena: usize): bool {
  const slab = load<u32>(arena, ARENA_SLAB);
  if (slab != load<u32>(run, RUN_SLAB)) {
    let bytes = load<u32>(run, RUN_SEEN);
    for (let one = slab; one != 0 && one != load<u32>(run, RUN_SLAB); one = load<u32>(one, 0)) bytes += load<u32>(one, 4);
    store<u32>(run, bytes, RUN_SEEN);
    store<u32>(run, slab, RUN_SLAB);
  }
  if (load<u32>(run, RUN_SEEN) > load<u32>(run, RUN_BYTES)) return rowBufferCount(run, stride) != 0;
  return rowBufferCount(run, stride) >= load<u32>(run, RUN_ROWS);
}

/** Entries of all rows in the buffer, which begin with their prefixes. Their number. */
export function spillRunFill(run: usize, stride: u32): u32 {
  let entry: usize = load<u32>(run, RUN_ENTRIES);
  for (let chunk = newestChunk(run); chunk != 0; chunk = previousChunk(chunk)) {
    const end = rowsEnd(run, chunk);
    for (let row = firstRow(chunk); row < end; row += stride) {
      store<u64>(entry, load<u64>(row));
      store<u64>(entry, row, SORT_ENTRY_ROW);
      entry += SORT_ENTRY;
    }
  }
  return ((entry - load<u32>(run, RUN_ENTRIES)) >>> 4) as u32;
}

/** Notes the run that the writer has written, and empties the buffer. False when out of memory. */
export function spillRunWritten(run: usize, writer: usize, arena: usize, keep: usize): bool {
  const record = arenaAllocate(keep, 8);
  if (record == 0) return false;
  store<u32>(record, load<u32>(run, RUN_LIST), 0);
  store<u32>(record, takeWritten(writer), 4);
  store<u32>(run, record, RUN_LIST);
  memory.fill(run, 0, 16);
  arenaReset(arena);
  const slab = load<u32>(arena, ARENA_SLAB);
  store<u32>(run, slab, RUN_SLAB);
  store<u32>(run, slab == 0 ? 0 : load<u32>(slab, 4), RUN_SEEN);
  return true;
}

// Merging: { more, cursors, number of cursors, room for rows, entries, scratch, list head (16 bytes), output, an address for each cursor, cursors left to be
// merged, rows of the largest block of each cursor, rows handed out: u64 }.
const MERGE_MORE: usize = 0;
const MERGE_CURSORS: usize = 4;
const MERGE_COUNT: usize = 8;
const MERGE_ROOM: usize = 12;
const MERGE_ENTRIES: usize = 16;
const MERGE_SCRATCH: usize = 20;
const MERGE_LIST: usize = 24;
const MERGE_OUTPUT: usize = 40;
const MERGE_ENDS: usize = 44;
/** Of runs that are not yet part of a longer one, `MERGE_CURSORS` being the first of them or, while some become one run, of those. */
const MERGE_LEFT: usize = 48;
const MERGE_MOST_ROWS: usize = 52;
const MERGE_ROWS: usize = 56;

/** Where the merging is in a run: { next block's entry, its buffer, 0, next row, end of the rows, bytes of its largest block }. */
const CURSOR_BYTES: u32 = 24;
const CURSOR_ENTRY: usize = 0;
const CURSOR_BUFFER: usize = 4;
const CURSOR_ROW: usize = 12;
const CURSOR_END: usize = 16;
const CURSOR_MOST: usize = 20;

/** A cursor for every run of every thread. False when out of memory. */
export function spillMergeOpen(merge: usize, runs: usize, runsStride: u32, threadCount: u32, keep: usize): bool {
  let count: u32 = 0;
  for (let t: u32 = 0; t < threadCount; t++) {
    for (let run = load<u32>(runs + t * runsStride, RUN_LIST); run != 0; run = load<u32>(run)) count++;
  }
  // Each merging of some runs to one has at least two of them: there are never twice as many.
  const room = max<u32>(count, 1) * 2 * CURSOR_BYTES;
  const cursors = arenaAllocate(keep, room);
  if (cursors == 0) return false;
  memory.fill(cursors, 0, room);
  const ends = arenaAllocate(keep, max<u32>(count, 1) << 2);
  if (ends == 0) return false;
  store<u32>(merge, cursors, MERGE_CURSORS);
  store<u32>(merge, count, MERGE_COUNT);
  store<u32>(merge, count, MERGE_LEFT);
  store<u32>(merge, ends, MERGE_ENDS);
  let cursor: usize = cursors;
  for (let t: u32 = 0; t < threadCount; t++) {
    for (let run = load<u32>(runs + t * runsStride, RUN_LIST); run != 0; run = load<u32>(run)) {
      store<u32>(cursor, load<u32>(run, 4), CURSOR_ENTRY);
      cursor += CURSOR_BYTES;
    }
  }
  return true;
}

/** Bytes of a row's entry, its place in the scratch, and its address in the output. */
const ROW_ROOM: u64 = 2 * SORT_ENTRY + 4;

/** Notes how large the run's blocks are; returns the rows of the one that has most. */
function measureRun(cursor: usize): u32 {
  let bytes: u32 = 0;
  let rows: u32 = 0;
  for (let entry: usize = load<u32>(cursor, CURSOR_ENTRY); entry != 0; entry = load<u32>(entry, ENTRY_NEXT)) {
    bytes = max(bytes, load<u32>(entry, ENTRY_BYTES));
    rows = max(rows, load<u32>(entry, ENTRY_ROWS));
  }
  store<u32>(cursor, bytes, CURSOR_MOST);
  return rows;
}

/**
 * Where there are more runs than memory has room to merge: the first ones are now the cursors, to become one run. How many that is; 0: all that
 * are left can be merged, and are the cursors.
 */
export function spillMergeSome(merge: usize, arena: usize): u32 {
  const left = load<u32>(merge, MERGE_LEFT);
  const cursors: usize = load<u32>(merge, MERGE_CURSORS);
  // As much again is for what is above, and for blocks that are written.
  const budget = spoolRoom(arena) >> 1;
  let taken: u64 = 0;
  let fit: u32 = 0;
  let rows: u32 = 0;
  for (; fit < left; fit++) {
    const cursor: usize = cursors + fit * CURSOR_BYTES;
    const most = measureRun(cursor);
    taken += (load<u32>(cursor, CURSOR_MOST) as u64) + 32 + (most as u64) * ROW_ROOM;
    if (taken > budget && fit >= 2) break;
    rows += most;
  }
  store<u32>(merge, rows, MERGE_MOST_ROWS);
  store<u32>(merge, left, MERGE_COUNT);
  if (fit >= left) return 0;
  // No more than needed for the rest to be merged at once.
  const some = max<u32>(2, min<u32>(fit, left - fit + 1));
  store<u32>(merge, some, MERGE_COUNT);
  return some;
}

/** The cursors' runs are one now, that the writer has written: the last of those that are left. Their blocks' memory is no more. */
export function spillMergeJoined(merge: usize, writer: usize): void {
  const some = load<u32>(merge, MERGE_COUNT);
  const left = load<u32>(merge, MERGE_LEFT);
  const cursors: usize = load<u32>(merge, MERGE_CURSORS);
  const last: usize = cursors + left * CURSOR_BYTES;
  memory.fill(last, 0, CURSOR_BYTES);
  store<u32>(last, takeWritten(writer), CURSOR_ENTRY);
  store<u32>(merge, (cursors + some * CURSOR_BYTES) as u32, MERGE_CURSORS);
  store<u32>(merge, left - some + 1, MERGE_LEFT);
  store<u32>(merge, 0, MERGE_ROOM);
}

/** The first of the blocks that the writer has written since; it has the newest block first. */
function takeWritten(writer: usize): u32 {
  const head: usize = load<u32>(writer, 4);
  let first: u32 = 0;
  for (let entry = load<u32>(head); entry != 0; ) {
    const next = load<u32>(entry, ENTRY_NEXT);
    store<u32>(entry, first, ENTRY_NEXT);
    first = entry;
    entry = next;
  }
  store<u32>(head, 0);
  return first;
}

/**
 * Makes the cursor ready for its next block, if it needs one: the entry of the block to be read to the cursor's buffer, 0 if there is none to
 * be read, 1 when out of memory.
 */
export function spillCursorNext(cursor: usize, stride: u32, arena: usize): u32 {
  const entry = load<u32>(cursor, CURSOR_ENTRY);
  if (entry == 0 || load<u32>(cursor, CURSOR_ROW) != load<u32>(cursor, CURSOR_END)) return 0;
  let buffer = load<u32>(cursor, CURSOR_BUFFER);
  if (buffer == 0) {
    buffer = arenaAllocate(arena, load<u32>(cursor, CURSOR_MOST) + 8);
    if (buffer == 0) return 1;
    buffer = (buffer + 15) & ~15;
    store<u32>(cursor, buffer, CURSOR_BUFFER);
  }
  store<u32>(cursor, load<u32>(entry, ENTRY_NEXT), CURSOR_ENTRY);
  store<u32>(cursor, buffer, CURSOR_ROW);
  store<u32>(cursor, buffer + load<u32>(entry, ENTRY_ROWS) * stride, CURSOR_END);
  return entry;
}

/** Of a run that comes from elsewhere, its block: more rows make fewer turns of the merging. */
const MOST_BLOCK_ROWS: u32 = 8192;
const LEAST_BLOCK_ROWS: u32 = 64;

/** A cursor for each of so many runs that come from elsewhere, with an empty block to be filled. False when out of memory. */
export function mergeOpen(merge: usize, runs: u32, stride: u32, arena: usize): bool {
  const count = max<u32>(runs, 1);
  const cursors = arenaAllocate(arena, count * CURSOR_BYTES);
  if (cursors == 0) return false;
  memory.fill(cursors, 0, count * CURSOR_BYTES);
  const ends = arenaAllocate(arena, count << 2);
  if (ends == 0) return false;
  const budget = spoolRoom(arena) >> 3;
  let rows = MOST_BLOCK_ROWS;
  while (rows > LEAST_BLOCK_ROWS && (rows as u64) * (count as u64) * ((stride as u64) + ROW_ROOM) > budget) rows >>= 1;
  for (let run: u32 = 0; run < runs; run++) {
    const cursor: usize = cursors + run * CURSOR_BYTES;
    const block = arenaAllocate(arena, rows * stride + 8);
    if (block == 0) return false;
    const first = (block + 15) & ~15;
    // Any address: there is more to come.
    store<u32>(cursor, first, CURSOR_ENTRY);
    store<u32>(cursor, first, CURSOR_BUFFER);
    store<u32>(cursor, first, CURSOR_ROW);
    store<u32>(cursor, first, CURSOR_END);
    store<u32>(cursor, rows, CURSOR_MOST);
  }
  store<u32>(merge, cursors, MERGE_CURSORS);
  store<u32>(merge, runs, MERGE_COUNT);
  store<u32>(merge, runs, MERGE_LEFT);
  store<u32>(merge, ends, MERGE_ENDS);
  store<u32>(merge, rows * count, MERGE_MOST_ROWS);
  return true;
}

/** Room to sort what all cursors' blocks may hold. False when out of memory. */
export function spillMergeRoom(merge: usize, arena: usize): bool {
  if (load<u32>(merge, MERGE_ROOM) != 0) return true;
  const room = load<u32>(merge, MERGE_MOST_ROWS) + 1;
  const entries = arenaAllocate(arena, room * SORT_ENTRY);
  if (entries == 0) return false;
  const scratch = arenaAllocate(arena, room * SORT_ENTRY);
  if (scratch == 0) return false;
  // Addresses in order, and the segments of their list.
  const output = arenaAllocate(arena, (room << 2) + (((room >> 12) + 1) << 4));
  if (output == 0) return false;
  store<u32>(merge, entries, MERGE_ENTRIES);
  store<u32>(merge, scratch, MERGE_SCRATCH);
  store<u32>(merge, output, MERGE_OUTPUT);
  store<u32>(merge, room, MERGE_ROOM);
  return true;
}

/** Whether the cursors have rows to come. */
export function spillMergeMore(merge: usize): bool {
  const cursors: usize = load<u32>(merge, MERGE_CURSORS);
  const end = cursors + load<u32>(merge, MERGE_COUNT) * CURSOR_BYTES;
  for (let cursor = cursors; cursor < end; cursor += CURSOR_BYTES) {
    if (load<u32>(cursor, CURSOR_ENTRY) != 0 || load<u32>(cursor, CURSOR_ROW) != load<u32>(cursor, CURSOR_END)) return true;
  }
  return false;
}

/** Lists the rows of the sorted entries, and says whether there are more to come, of the first `most`. */
export function spillMergePublish(merge: usize, entries: usize, count: u32, most: u64): void {
  const output: usize = load<u32>(merge, MERGE_OUTPUT);
  for (let i: u32 = 0; i < count; i++) {
    store<u32>(output + ((i as usize) << 2), load<u32>(entries + ((i as usize) << 4), SORT_ENTRY_ROW));
  }
  const segments: usize = output + ((load<u32>(merge, MERGE_ROOM) as usize) << 2);
  let segment = segments;
  for (let first: u32 = 0; first < count; first += 4096) {
    store<u32>(segment, 0, 0);
    store<u32>(segment, (output as u32) + (first << 2), 4);
    store<u32>(segment, min<u32>(count - first, 4096), 8);
    store<u32>(segment, 0, 12);
    segment += 16;
  }
  store<u32>(merge, segments as u32, MERGE_LIST);
  store<u32>(merge, ((segment - segments) >>> 4) as u32, MERGE_LIST + 4);
  store<u64>(merge, count, MERGE_LIST + 8);
  const rows = load<u64>(merge, MERGE_ROWS) + count;
  store<u64>(merge, rows, MERGE_ROWS);
  store<u32>(merge, rows < most && spillMergeMore(merge) ? 1 : 0, MERGE_MORE);
}
