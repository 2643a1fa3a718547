// Pieces of sorting and of aggregates over sorted values. Entries: { prefix: u64, row: u32, 0 }, src/pipelines/sorting.
import { arenaAllocate } from "../memory";
import { addressOf, EMPTY, lengthOf, referenceTo } from "../reference";
import { firstRow, newestChunk, previousChunk, rowBufferCount, rowsEnd } from "./row-buffer";

const ENTRY_ROW: usize = 8;
const ENTRY_BYTES: u32 = 16;

/** The first eight bytes as a big-endian number, shorter strings filled with zeros: in the order of the bytes. */
export function stringPrefix(reference: u64): u64 {
  const address = addressOf(reference);
  const length = lengthOf(reference);
  if (length >= 8) return bswap(load<u64>(address));
  let prefix: u64 = 0;
  for (let i: u32 = 0; i < length; i++) prefix |= (load<u8>(address + i) as u64) << (56 - (i << 3));
  return prefix;
}

/** The same of the string's bytes from `at` on. */
export function stringPrefixAt(reference: u64, at: u32): u64 {
  const length = lengthOf(reference);
  if (at >= length) return 0;
  return stringPrefix(referenceTo(addressOf(reference) + at, length - at));
}

/**
 * How many first bytes the strings at `offset` in the entries' rows have in common; -1 if they are the same. They are known to agree, but for
 * zero bytes at the end, in the first `known`. At least one entry.
 */
export function stringsCommon(entries: usize, count: u32, offset: u32, known: u32): u32 {
  const first = load<u64>(load<u32>(entries, ENTRY_ROW) + offset);
  const text = addressOf(first);
  let common = lengthOf(first);
  let same = true;
  const end = entries + count * ENTRY_BYTES;
  for (let entry = entries + ENTRY_BYTES; entry < end; entry += ENTRY_BYTES) {
    const other = load<u64>(load<u32>(entry, ENTRY_ROW) + offset);
    const length = lengthOf(other);
    const most = min(common, length);
    // The last eight of the known bytes may be zeros of the prefix.
    let at = min<u32>(known > 8 ? known - 8 : 0, most);
    const from = addressOf(other);
    while (at + 8 <= most && load<u64>(text + at) == load<u64>(from + at)) at += 8;
    while (at < most && load<u8>(text + at) == load<u8>(from + at)) at++;
    if (at < common || length > at) {
      same = false;
      common = at;
      if (at < known) break;
    }
  }
  return same ? -1 : common;
}

/**
 * The strings at `offset` in the entries' rows, joined by the separator, as a new string in the arena; 0 when out of
 * memory, or when the arena's query is cancelled: with millions of entries this takes a while. At least one entry.
 */
export function joinStrings(entries: usize, count: u32, offset: u32, separator: u64, arena: usize): u64 {
  const gap = lengthOf(separator);
  let total: u64 = (gap as u64) * ((count - 1) as u64);
  const end = entries + count * ENTRY_BYTES;
  const cancelled: usize = load<u32>(arena);
  for (let entry = entries; entry < end; entry += ENTRY_BYTES) {
    if (atomic.load<i32>(cancelled) != 0) return 0;
    total += lengthOf(load<u64>(load<u32>(entry, ENTRY_ROW) + offset));
  }
  if (total == 0) return EMPTY;
  if (total > 0x7fffffff) return 0;
  const text = arenaAllocate(arena, total as u32);
  if (text == 0) return 0;
  let to: usize = text;
  for (let entry = entries; entry < end; entry += ENTRY_BYTES) {
    if (atomic.load<i32>(cancelled) != 0) return 0;
    if (entry != entries && gap > 0) {
      memory.copy(to, addressOf(separator), gap);
      to += gap;
    }
    const part = load<u64>(load<u32>(entry, ENTRY_ROW) + offset);
    const length = lengthOf(part);
    memory.copy(to, addressOf(part), length);
    to += length;
  }
  return referenceTo(text, total as u32);
}

// A thread's run: { row buffer (16 bytes), entries, count, scratch } and for top-N { capacity, keep, bound, 0, … },
// src/pipelines/sorting/sorted-runs.ts.
const RUN_ENTRIES: usize = 16;
const RUN_COUNT: usize = 20;
const RUN_SCRATCH: usize = 24;
const RUN_CAPACITY: usize = 28;
const RUN_KEEP: usize = 32;

/** Entries of all rows in the run's buffer, each of which begins with its prefix. False when out of memory. */
export function sortRunCreate(run: usize, stride: u32, arena: usize): bool {
  const count = rowBufferCount(run, stride);
  if (count > 1 << 26) return false;
  const entries = arenaAllocate(arena, max<u32>(count, 1) * ENTRY_BYTES);
  if (entries == 0) return false;
  const scratch = arenaAllocate(arena, max<u32>(count, 1) * ENTRY_BYTES);
  if (scratch == 0) return false;
  let entry: usize = entries;
  for (let chunk = newestChunk(run); chunk != 0; chunk = previousChunk(chunk)) {
    const end = rowsEnd(run, chunk);
    for (let row = firstRow(chunk); row < end; row += stride) {
      store<u64>(entry, load<u64>(row));
      store<u64>(entry, row, ENTRY_ROW);
      entry += ENTRY_BYTES;
    }
  }
  store<u32>(run, entries, RUN_ENTRIES);
  store<u32>(run, count, RUN_COUNT);
  store<u32>(run, scratch, RUN_SCRATCH);
  return true;
}

const MIN_CAPACITY: u32 = 4096;

/** An empty run for the best `keep` rows. False when out of memory. */
export function topNCreate(run: usize, keep: u32, arena: usize): bool {
  if (keep > 1 << 26) return false;
  const capacity = max<u32>(keep << 1, MIN_CAPACITY);
  const entries = arenaAllocate(arena, capacity * ENTRY_BYTES);
  if (entries == 0) return false;
  const scratch = arenaAllocate(arena, capacity * ENTRY_BYTES);
  if (scratch == 0) return false;
  memory.fill(entries, 0, capacity * ENTRY_BYTES);
  store<u32>(run, entries, RUN_ENTRIES);
  store<u32>(run, scratch, RUN_SCRATCH);
  store<u32>(run, capacity, RUN_CAPACITY);
  store<u32>(run, keep, RUN_KEEP);
  return true;
}

// The sink's shared state: { tasks, rows, output, splitters, list head (16 bytes) }.
const STATE_TASKS: usize = 0;
const STATE_ROWS: usize = 4;
const STATE_OUTPUT: usize = 8;
const STATE_SPLITTERS: usize = 12;
const STATE_LIST: usize = 16;

const PIECE_ROWS: u32 = 16384;
const PIECES_PER_THREAD: u32 = 4;

/** Decides on the pieces of the result and their splitters, taken from the longest run. False when out of memory. */
export function sortSplit(state: usize, threads: usize, threadsStride: u32, threadCount: u32, arena: usize): bool {
  let total: u32 = 0;
  let longest: u32 = 0;
  let entries: u32 = 0;
  for (let t: u32 = 0; t < threadCount; t++) {
    const run = threads + t * threadsStride;
    const count = load<u32>(run, RUN_COUNT);
    total += count;
    if (count > longest) {
      longest = count;
      entries = load<u32>(run, RUN_ENTRIES);
    }
  }
  store<u32>(state, total, STATE_ROWS);
  if (total == 0) return true;
  const pieces = min<u32>(total / PIECE_ROWS + 1, threadCount * PIECES_PER_THREAD);
  const output = arenaAllocate(arena, total << 2);
  if (output == 0) return false;
  const splitters = arenaAllocate(arena, pieces * ENTRY_BYTES);
  if (splitters == 0) return false;
  for (let p: u32 = 1; p < pieces; p++) {
    const at = ((longest as u64) * (p as u64)) / (pieces as u64);
    memory.copy(splitters + (p - 1) * ENTRY_BYTES, entries + (at as u32) * ENTRY_BYTES, ENTRY_BYTES);
  }
  store<u32>(state, pieces, STATE_TASKS);
  store<u32>(state, output, STATE_OUTPUT);
  store<u32>(state, splitters, STATE_SPLITTERS);
  return true;
}

/** Lists the rows from `offset` on, at most `limit`. False when out of memory. */
export function sortPublish(state: usize, offset: u32, limit: u32, arena: usize): bool {
  const total = load<u32>(state, STATE_ROWS);
  const first = min<u32>(offset, total);
  const count = min<u32>(total - first, limit);
  const segments = (count + 4095) >> 12;
  if (segments == 0) return true;
  let segment = arenaAllocate(arena, segments << 4);
  if (segment == 0) return false;
  store<u32>(state, segment, STATE_LIST);
  store<u32>(state, segments, STATE_LIST + 4);
  store<u64>(state, count, STATE_LIST + 8);
  let rows = load<u32>(state, STATE_OUTPUT) + (first << 2);
  let left = count;
  while (left > 0) {
    const some = min<u32>(left, 4096);
    store<u32>(segment, 0, 0);
    store<u32>(segment, rows, 4);
    store<u32>(segment, some, 8);
    store<u32>(segment, 0, 12);
    rows += some << 2;
    left -= some;
    segment += 16;
  }
  return true;
}
