// Hash tables of groups. A group is a row { hash, … } in its thread's row buffer; it never moves.
// Layouts: src/pipelines/operators/aggregate/group-table.ts.
//
// A thread's table (zeroed = empty): { directory, mask, groups, groups at which to grow, row buffer }. The directory is
// an array of row addresses (0 = free), searched linearly from the hash's low bits; partitions are by its high bits.
import { arenaAllocate } from "../memory";
import { firstRow, newestChunk, previousChunk, rowBufferCount, rowListCollect, rowsEnd } from "./row-buffer";

const DIRECTORY: usize = 0;
const MASK: usize = 4;
const LIMIT: usize = 12;
const BUFFER: usize = 16;

const IRREGULAR: usize = 40;

/** When there is no memory for the first directory that was asked for. */
const LEAST_ENTRIES: u32 = 1024;

function place(directory: u32, mask: u32, row: u32): void {
  let slot = load<u32>(row) & mask;
  while (load<u32>(directory + (slot << 2)) != 0) slot = (slot + 1) & mask;
  store<u32>(directory + (slot << 2), row);
}

function newDirectory(arena: usize, entries: u32): u32 {
  const directory = arenaAllocate(arena, entries << 2);
  if (directory != 0) memory.fill(directory, 0, entries << 2);
  return directory;
}

/**
 * Makes the directory, with `firstEntries` (a power of two) and growing beyond `firstLimit` groups; or one of four times the size.
 * False when out of memory.
 */
export function groupTableGrow(table: usize, arena: usize, stride: u32, firstEntries: u32, firstLimit: u32): bool {
  const isFirst = load<u32>(table, DIRECTORY) == 0;
  let entries = isFirst ? firstEntries : (load<u32>(table, MASK) + 1) << 2;
  if (entries > 1 << 29) return false;
  let directory = newDirectory(arena, entries);
  if (directory == 0 && isFirst && entries > LEAST_ENTRIES) {
    entries = LEAST_ENTRIES;
    directory = newDirectory(arena, entries);
  }
  if (directory == 0) return false;
  const mask = entries - 1;
  const buffer = table + BUFFER;
  for (let chunk = newestChunk(buffer); chunk != 0; chunk = previousChunk(chunk)) {
    const end = rowsEnd(buffer, chunk);
    for (let row = firstRow(chunk); row < end; row += stride) place(directory, mask, row);
  }
  store<u32>(table, directory, DIRECTORY);
  store<u32>(table, mask, MASK);
  store<u32>(table, isFirst && entries == firstEntries ? firstLimit : entries >> 1, LIMIT);
  return true;
}

// The tables of all threads are joined by partitions of the hash, or by slices of directories in which each key has its own
// place. The sink's state: { number of partitions or slices (0: nothing to join), address of the partitions, tasks for partitioning,
// bytes of a slice (0: partitions), list head (16 bytes), directory that takes in the others }.
const PARTITIONS: usize = 0;
const PARTITION_ARRAY: usize = 4;
const PARTITION_TASKS: usize = 8;
const SLICE_BYTES: usize = 12;
const LIST: usize = 16;
const BASE: usize = 32;

const MAX_PARTITIONS: u32 = 64;
const SMALL: u32 = 2048;

/** A partition: { rows of all threads, their number, directory, mask }; the number becomes that of distinct groups. */
const PARTITION_BYTES: u32 = 16;

/** In a thread's block: its partitioned row addresses, and where each partition begins in them. */
const SCATTERED: usize = 32;
const STARTS: usize = 36;

/** Directories of this many entries at least are cut into slices. */
const SLICED: u32 = 4096;

/** A directory of `entries` in which each group's place is its own, or 0 unless all threads that have groups have such directories. */
function denseDirectory(threads: usize, threadsStride: u32, threadCount: u32, entries: u32): u32 {
  let base: u32 = 0;
  for (let t: u32 = 0; t < threadCount; t++) {
    const table = threads + t * threadsStride;
    const directory = load<u32>(table, DIRECTORY);
    if (directory == 0) continue;
    if (load<u32>(table, IRREGULAR) != 0 || load<u32>(table, MASK) != entries - 1) return 0;
    base = directory;
  }
  return base;
}

/**
 * After the input: with groups in one thread alone the list is complete; otherwise says how many partitions or slices to join.
 * `denseEntries`: the size of a directory in which each key has its own place, 0 for none. False when out of memory.
 */
export function groupTablesClose(
  state: usize,
  threads: usize,
  threadsStride: u32,
  threadCount: u32,
  stride: u32,
  arena: usize,
  denseEntries: u32,
): bool {
  let total: u32 = 0;
  let busy: u32 = 0;
  for (let t: u32 = 0; t < threadCount; t++) {
    const groups = rowBufferCount(threads + t * threadsStride + BUFFER, stride);
    total += groups;
    if (groups > 0) busy++;
  }
  if (busy <= 1) {
    store<u32>(state, 0, PARTITIONS);
    store<u32>(state, 0, PARTITION_TASKS);
    return rowListCollect(state + LIST, threads + BUFFER, threadsStride, threadCount, stride, arena);
  }
  const base = denseEntries == 0 ? 0 : denseDirectory(threads, threadsStride, threadCount, denseEntries);
  const isSmall = base == 0 ? total <= SMALL : denseEntries <= SLICED;
  const partitions: u32 = isSmall ? 1 : MAX_PARTITIONS;
  const array = arenaAllocate(arena, partitions * PARTITION_BYTES);
  if (array == 0) return false;
  store<u32>(state, partitions, PARTITIONS);
  store<u32>(state, array, PARTITION_ARRAY);
  store<u32>(state, base == 0 ? threadCount : 0, PARTITION_TASKS);
  store<u32>(state, base == 0 ? 0 : (denseEntries / partitions) << 2, SLICE_BYTES);
  store<u32>(state, base, BASE);
  return true;
}

@inline
function partitionOf(row: u32, partitions: u32): u32 {
  return (load<u32>(row) >>> 26) & (partitions - 1);
}

/** Sorts the addresses of a thread's rows by partition. False when out of memory. */
export function groupTablePartition(state: usize, thread: usize, stride: u32, arena: usize): bool {
  const partitions = load<u32>(state, PARTITIONS);
  const buffer = thread + BUFFER;
  const rows = rowBufferCount(buffer, stride);
  const starts = arenaAllocate(arena, (partitions + 2) << 2);
  if (starts == 0) return false;
  const scattered = arenaAllocate(arena, max<u32>(rows << 2, 8));
  if (scattered == 0) return false;
  store<u32>(thread, scattered, SCATTERED);
  store<u32>(thread, starts, STARTS);
  memory.fill(starts, 0, (partitions + 2) << 2);
  // Counted two places ahead, so that scattering moves each start to its own place.
  for (let chunk = newestChunk(buffer); chunk != 0; chunk = previousChunk(chunk)) {
    const end = rowsEnd(buffer, chunk);
    for (let row = firstRow(chunk); row < end; row += stride) {
      const counter: usize = starts + ((partitionOf(row, partitions) + 2) << 2);
      store<u32>(counter, load<u32>(counter) + 1);
    }
  }
  for (let p: u32 = 3; p < partitions + 2; p++) {
    const counter: usize = starts + (p << 2);
    store<u32>(counter, load<u32>(counter) + load<u32>(counter - 4));
  }
  for (let chunk = newestChunk(buffer); chunk != 0; chunk = previousChunk(chunk)) {
    const end = rowsEnd(buffer, chunk);
    for (let row = firstRow(chunk); row < end; row += stride) {
      const next: usize = starts + ((partitionOf(row, partitions) + 1) << 2);
      const at = load<u32>(next);
      store<u32>(scattered + (at << 2), row);
      store<u32>(next, at + 1);
    }
  }
  return true;
}

/**
 * Brings the addresses of one partition's rows together, with an empty directory for them. The partition's address;
 * 0 when out of memory.
 */
export function groupPartitionOpen(
  state: usize,
  task: u32,
  threads: usize,
  threadsStride: u32,
  threadCount: u32,
  arena: usize,
): u32 {
  const partition: usize = load<u32>(state, PARTITION_ARRAY) + task * PARTITION_BYTES;
  let total: u32 = 0;
  for (let t: u32 = 0; t < threadCount; t++) {
    const starts: usize = load<u32>(threads + t * threadsStride, STARTS) + (task << 2);
    total += load<u32>(starts, 4) - load<u32>(starts);
  }
  const rows = arenaAllocate(arena, max<u32>(total << 2, 8));
  if (rows == 0) return 0;
  let entries: u32 = 16;
  while (entries < total << 1) entries <<= 1;
  const directory = newDirectory(arena, entries);
  if (directory == 0) return 0;
  let to = rows;
  for (let t: u32 = 0; t < threadCount; t++) {
    const thread = threads + t * threadsStride;
    const starts: usize = load<u32>(thread, STARTS) + (task << 2);
    const from = load<u32>(starts);
    const bytes = (load<u32>(starts, 4) - from) << 2;
    memory.copy(to, load<u32>(thread, SCATTERED) + (from << 2), bytes);
    to += bytes;
  }
  store<u32>(partition, rows, 0);
  store<u32>(partition, total, 4);
  store<u32>(partition, directory, 8);
  store<u32>(partition, entries - 1, 12);
  return partition as u32;
}

/** Makes a partition of a slice of the directory that has taken in the others: its entries, closed up where they are. */
export function groupSliceClose(state: usize, task: u32): void {
  const bytes = load<u32>(state, SLICE_BYTES);
  const rows = load<u32>(state, BASE) + task * bytes;
  let to: usize = rows;
  for (let from: usize = rows; from < rows + bytes; from += 4) {
    const row = load<u32>(from);
    store<u32>(to, row);
    to += row == 0 ? 0 : 4;
  }
  const partition: usize = load<u32>(state, PARTITION_ARRAY) + task * PARTITION_BYTES;
  store<u32>(partition, rows, 0);
  store<u32>(partition, ((to - rows) as u32) >> 2, 4);
}

/** Makes the list of all partitions' groups. False when out of memory. */
export function groupPartitionsPublish(state: usize, arena: usize): bool {
  const partitions = load<u32>(state, PARTITIONS);
  if (partitions == 0) return true;
  const array = load<u32>(state, PARTITION_ARRAY);
  let segments: u32 = 0;
  let groups: u64 = 0;
  for (let p: u32 = 0; p < partitions; p++) {
    const count = load<u32>(array + p * PARTITION_BYTES, 4);
    groups += count;
    segments += (count + 4095) >> 12;
  }
  let segment = arenaAllocate(arena, segments << 4);
  if (segment == 0) return false;
  store<u32>(state, segment, LIST);
  store<u32>(state, segments, LIST + 4);
  store<u64>(state, groups, LIST + 8);
  for (let p: u32 = 0; p < partitions; p++) {
    const partition = array + p * PARTITION_BYTES;
    let rows = load<u32>(partition);
    let left = load<u32>(partition, 4);
    while (left > 0) {
      const count = min<u32>(left, 4096);
      store<u32>(segment, 0, 0);
      store<u32>(segment, rows, 4);
      store<u32>(segment, count, 8);
      store<u32>(segment, 0, 12);
      rows += count << 2;
      left -= count;
      segment += 16;
    }
  }
  return true;
}

/** In what a thread keeps for finding groups by dictionary codes: src/pipelines/operators/aggregate/code-groups.ts. */
const CODE_CAPACITY: usize = 4;
const CODE_ARRAY: usize = 8;

/** Makes the array empty and large enough for so many combinations of codes. False when out of memory. */
export function codeGroupsForget(block: usize, combinations: u32, arena: usize): bool {
  let array = load<u32>(block, CODE_ARRAY);
  if (load<u32>(block, CODE_CAPACITY) < combinations) {
    let capacity: u32 = 64;
    while (capacity < combinations) capacity <<= 1;
    array = arenaAllocate(arena, capacity << 2);
    if (array == 0) return false;
    store<u32>(block, array, CODE_ARRAY);
    store<u32>(block, capacity, CODE_CAPACITY);
  }
  memory.fill(array, 0, combinations << 2);
  return true;
}
