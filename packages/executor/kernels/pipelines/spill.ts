// Rows on their way to disk and back. Layouts: src/spill/spool.ts.
//
// A block holds rows of one stride from its front and their strings' bytes from its back: { rows, next row, first string, end, partition,
// slab (0: its place in the writer's), position in the file: u64 }, then the rows. On disk are the rows and, right behind them, the strings' bytes; a
// string's reference is then (distance of its bytes from the block's end, length). Where it is NULL or empty nothing is kept.
//
// What is known of a block on disk is its entry. Of a spool with many partitions, entries too go to disk, when a thread has some of one partition: pages of
// { the partition's page before: position u64, entries u32, checksum u32; 0: u64, then the entries }. Before a partition is read, they are read.
import { arenaAllocate, slabAllocate, slabFree } from "../memory";
import { addressOf, EMPTY, lengthOf, referenceTo } from "../reference";

const BLOCK_ROWS: usize = 0;
const BLOCK_NEXT: usize = 4;
const BLOCK_STRINGS: usize = 8;
const BLOCK_END: usize = 12;
const BLOCK_PARTITION: usize = 16;
const BLOCK_OWN_SLAB: usize = 20;
const BLOCK_POSITION: usize = 24;
const BLOCK_HEADER: u32 = 32;

// The spool: { bytes written: u64, partitions' records, released, rows: u64, stride, threads' writers, their stride, string fields, then for each its offset
// and that of its null byte or -1 }.
const SPOOL_RECORDS: usize = 8;
const SPOOL_ROWS: usize = 16;
const SPOOL_STRIDE: usize = 24;
const SPOOL_WRITERS: usize = 28;
const SPOOL_WRITERS_STRIDE: usize = 32;
const SPOOL_STRING_COUNT: usize = 36;
const SPOOL_STRINGS: usize = 40;

/** A partition's record: { first block's entry, number of blocks, rows: u64, first of the entries that are in memory }. */
export const RECORD_BYTES: u32 = 24;
export const RECORD_FIRST: usize = 0;
export const RECORD_BLOCKS: usize = 4;
export const RECORD_ROWS: usize = 8;
const RECORD_KEPT: usize = 16;

/** What is known of a block on disk: { the partition's next one, rows, bytes, checksum, position in the file: u64 }. */
export const ENTRY_NEXT: usize = 0;
export const ENTRY_ROWS: usize = 4;
export const ENTRY_BYTES: usize = 8;
const ENTRY_CHECKSUM: usize = 12;
const ENTRY_POSITION: usize = 16;
const ENTRY_SIZE: u32 = 24;

/** A thread's writer: { blocks by partition, entries by partition, newest first, slab, bytes of a block, partitions, entries to be used again, folders by
 * partition, a page of entries }. */
const WRITER_BLOCKS: usize = 0;
const WRITER_ENTRIES: usize = 4;
const WRITER_SLAB: usize = 8;
const WRITER_BLOCK_BYTES: usize = 12;
const WRITER_PARTITIONS: usize = 16;
const WRITER_FREE: usize = 20;
const WRITER_FOLDERS: usize = 24;
const WRITER_PAGE: usize = 28;

/** A partition's entries on disk: { newest page: position u64, entries, checksum; entries in memory, blocks on those pages, their rows: u64 }. */
const FOLDER_ENTRIES: usize = 8;
const FOLDER_KEPT: usize = 16;
const FOLDER_BLOCKS: usize = 20;
const FOLDER_ROWS: usize = 24;
const FOLDER_BYTES: u32 = 32;

const PAGE_HEADER: usize = 24;
/** With so many entries of a partition in memory, they go to disk. */
const PAGE_ENTRIES: u32 = 32;

const QUERY_LIMIT: usize = 8;
const QUERY_USED: usize = 16;

const LEAST_BLOCK: u32 = 2048;
const LARGEST_BLOCK: u32 = 1 << 16;

/** A power of two: `share` of the query's limit, within bounds. */
function blockBytes(query: usize, share: u32): u32 {
  const most = load<u64>(query, QUERY_LIMIT) / (share as u64);
  let bytes = LARGEST_BLOCK;
  while (bytes > LEAST_BLOCK && (bytes as u64) > most) bytes >>= 1;
  return bytes;
}

function emptyBlock(block: usize, bytes: u32, partition: u32, ownSlab: bool): void {
  store<u32>(block, 0, BLOCK_ROWS);
  store<u32>(block, block + BLOCK_HEADER, BLOCK_NEXT);
  store<u32>(block, block + bytes, BLOCK_STRINGS);
  store<u32>(block, block + bytes, BLOCK_END);
  store<u32>(block, partition, BLOCK_PARTITION);
  store<u32>(block, ownSlab ? 1 : 0, BLOCK_OWN_SLAB);
}

/** An empty block for each partition. `shares`: of how many blocks of all threads one is. False when out of memory. */
export function spoolOpen(writer: usize, partitions: u32, shares: u32, arena: usize): bool {
  const query: usize = load<u32>(arena);
  const arrays = load<u32>(writer, WRITER_BLOCKS);
  const bytes = blockBytes(query, shares);
  const slab = slabAllocate(query, partitions * bytes);
  if (slab == 0) return false;
  let blocks: usize = arrays;
  if (arrays == 0) {
    blocks = arenaAllocate(arena, partitions << 3);
    if (blocks == 0) {
      slabFree(query, slab);
      return false;
    }
    memory.fill(blocks, 0, partitions << 3);
    if (partitions > 1) {
      const page = (PAGE_HEADER as u32) + PAGE_ENTRIES * ENTRY_SIZE;
      const folders = arenaAllocate(arena, partitions * FOLDER_BYTES + page);
      if (folders == 0) {
        slabFree(query, slab);
        return false;
      }
      memory.fill(folders, 0, partitions * FOLDER_BYTES + page);
      store<u32>(writer, folders, WRITER_FOLDERS);
      store<u32>(writer, folders + partitions * FOLDER_BYTES, WRITER_PAGE);
    }
    store<u32>(writer, blocks as u32, WRITER_BLOCKS);
    store<u32>(writer, (blocks as u32) + (partitions << 2), WRITER_ENTRIES);
  }
  store<u32>(writer, slab, WRITER_SLAB);
  store<u32>(writer, bytes, WRITER_BLOCK_BYTES);
  store<u32>(writer, partitions, WRITER_PARTITIONS);
  for (let p: u32 = 0; p < partitions; p++) {
    const block = slab + p * bytes;
    emptyBlock(block, bytes, p, false);
    store<u32>(blocks + ((p as usize) << 2), block);
  }
  return true;
}

/** Gives the blocks back, which are empty; what is on disk stays known. */
export function spoolClose(writer: usize, arena: usize): void {
  const slab = load<u32>(writer, WRITER_SLAB);
  if (slab == 0) return;
  slabFree(load<u32>(arena), slab);
  store<u32>(writer, 0, WRITER_SLAB);
}

@inline
function isNull(row: usize, nullOffset: i32): bool {
  return nullOffset >= 0 && load<u8>(row + nullOffset) != 0;
}

/** Copies the row to its partition's block. 0: done; 1: out of memory; otherwise the block, which must be written first. */
export function spoolAppend(writer: usize, spool: usize, partition: u32, row: usize, arena: usize): u32 {
  const stride = load<u32>(spool, SPOOL_STRIDE);
  const strings = spool + SPOOL_STRINGS;
  const stringsEnd = strings + (load<u32>(spool, SPOOL_STRING_COUNT) << 3);
  let total: u64 = stride;
  for (let field = strings; field < stringsEnd; field += 8) {
    if (!isNull(row, load<i32>(field, 4))) total += lengthOf(load<u64>(row + load<u32>(field)));
  }
  const place = load<u32>(writer, WRITER_BLOCKS) + (partition << 2);
  let block: usize = load<u32>(place);
  if (total > ((load<u32>(block, BLOCK_STRINGS) - load<u32>(block, BLOCK_NEXT)) as u64)) {
    if (load<u32>(block, BLOCK_ROWS) != 0) return block as u32;
    if (total > 0x7ff00000) return 1;
    const bytes = ((total as u32) + BLOCK_HEADER + 15) & ~15;
    block = slabAllocate(load<u32>(arena), bytes);
    if (block == 0) return 1;
    emptyBlock(block, bytes, partition, true);
    store<u32>(place, block as u32);
  }
  const to: usize = load<u32>(block, BLOCK_NEXT);
  const end = load<u32>(block, BLOCK_END);
  let text: usize = load<u32>(block, BLOCK_STRINGS);
  memory.copy(to, row, stride);
  for (let field = strings; field < stringsEnd; field += 8) {
    const offset = load<u32>(field);
    const reference = isNull(row, load<i32>(field, 4)) ? 0 : load<u64>(row + offset);
    const length = lengthOf(reference);
    text -= length;
    memory.copy(text, addressOf(reference), length);
    store<u64>(to + offset, length == 0 ? 0 : referenceTo(end - (text as u32), length));
  }
  store<u32>(block, (to as u32) + stride, BLOCK_NEXT);
  store<u32>(block, text as u32, BLOCK_STRINGS);
  store<u32>(block, load<u32>(block, BLOCK_ROWS) + 1, BLOCK_ROWS);
  return 0;
}

/** A block with rows, or 0: all are written. */
export function spoolPending(writer: usize): u32 {
  if (load<u32>(writer, WRITER_SLAB) == 0) return 0;
  const blocks: usize = load<u32>(writer, WRITER_BLOCKS);
  const end = blocks + (load<u32>(writer, WRITER_PARTITIONS) << 2);
  for (let place = blocks; place < end; place += 4) {
    const block = load<u32>(place);
    if (load<u32>(block, BLOCK_ROWS) != 0) return block;
  }
  return 0;
}

/** Notes that the block is on disk, and empties it. 0: out of memory; 1: done; 2: and the partition's entries are to be folded. */
export function spoolWritten(writer: usize, block: usize, checksum: u32, arena: usize): u32 {
  let entry = load<u32>(writer, WRITER_FREE);
  if (entry != 0) {
    store<u32>(writer, load<u32>(entry, ENTRY_NEXT), WRITER_FREE);
  } else {
    entry = arenaAllocate(arena, ENTRY_SIZE);
    if (entry == 0) return 0;
  }
  const partition = load<u32>(block, BLOCK_PARTITION);
  const head: usize = load<u32>(writer, WRITER_ENTRIES) + (partition << 2);
  const rowBytes = load<u32>(block, BLOCK_NEXT) - ((block as u32) + BLOCK_HEADER);
  store<u32>(entry, load<u32>(head), ENTRY_NEXT);
  store<u32>(entry, load<u32>(block, BLOCK_ROWS), ENTRY_ROWS);
  store<u32>(entry, rowBytes + load<u32>(block, BLOCK_END) - load<u32>(block, BLOCK_STRINGS), ENTRY_BYTES);
  store<u32>(entry, checksum, ENTRY_CHECKSUM);
  store<u64>(entry, load<u64>(block, BLOCK_POSITION), ENTRY_POSITION);
  store<u32>(head, entry);
  const bytes = load<u32>(writer, WRITER_BLOCK_BYTES);
  let next: usize = block;
  if (load<u32>(block, BLOCK_OWN_SLAB) != 0) {
    slabFree(load<u32>(arena), block as u32);
    next = load<u32>(writer, WRITER_SLAB) + partition * bytes;
    store<u32>(load<u32>(writer, WRITER_BLOCKS) + (partition << 2), next as u32);
  }
  emptyBlock(next, bytes, partition, false);
  const folders = load<u32>(writer, WRITER_FOLDERS);
  if (folders == 0) return 1;
  const folder: usize = folders + partition * FOLDER_BYTES;
  const kept = load<u32>(folder, FOLDER_KEPT) + 1;
  store<u32>(folder, kept, FOLDER_KEPT);
  return kept == PAGE_ENTRIES ? 2 : 1;
}

/** Moves the partition's entries from memory to the writer's page, which is to be written then. The folder, where that is to be noted. */
export function spoolFold(writer: usize, partition: u32): u32 {
  const folder: usize = load<u32>(writer, WRITER_FOLDERS) + partition * FOLDER_BYTES;
  const head: usize = load<u32>(writer, WRITER_ENTRIES) + (partition << 2);
  const page: usize = load<u32>(writer, WRITER_PAGE);
  memory.copy(page, folder, 16);
  let rows: u64 = 0;
  let to = page + PAGE_HEADER;
  for (let entry = load<u32>(head); entry != 0; to += ENTRY_SIZE) {
    memory.copy(to, entry, ENTRY_SIZE);
    rows += load<u32>(entry, ENTRY_ROWS);
    const next = load<u32>(entry, ENTRY_NEXT);
    store<u32>(entry, load<u32>(writer, WRITER_FREE), ENTRY_NEXT);
    store<u32>(writer, entry, WRITER_FREE);
    entry = next;
  }
  store<u32>(head, 0);
  const kept = load<u32>(folder, FOLDER_KEPT);
  store<u32>(folder, 0, FOLDER_KEPT);
  store<u32>(folder, kept, FOLDER_ENTRIES);
  store<u32>(folder, load<u32>(folder, FOLDER_BLOCKS) + kept, FOLDER_BLOCKS);
  store<u64>(folder, load<u64>(folder, FOLDER_ROWS) + rows, FOLDER_ROWS);
  return folder as u32;
}

/** Before the partition is read: its blocks are those whose entries are in memory. */
export function spoolUnfold(spool: usize, partition: u32): void {
  const record = spoolRecord(spool, partition);
  store<u32>(record, load<u32>(record, RECORD_KEPT), RECORD_FIRST);
}

/** Adds the entries of a page that was read. */
export function spoolUnfoldPage(spool: usize, partition: u32, page: usize, entries: u32): void {
  const record = spoolRecord(spool, partition);
  let entry: usize = page + PAGE_HEADER;
  for (let i: u32 = 0; i < entries; i++, entry += ENTRY_SIZE) {
    store<u32>(entry, load<u32>(record, RECORD_FIRST), ENTRY_NEXT);
    store<u32>(record, entry as u32, RECORD_FIRST);
  }
}

/** Of bytes that go to disk; of a piece behind them when told theirs. Not one that an attacker could not forge. */
export function spoolChecksum(address: usize, length: u32, before: u32): u32 {
  let sum: u64 = ((before as u64) ^ (length as u64)) * 0x9e3779b97f4a7c15;
  const end = address + length;
  const wideEnd = address + (length & ~7);
  for (; address < wideEnd; address += 8) {
    sum = rotl<u64>((sum ^ load<u64>(address)) * 0x9e3779b97f4a7c15, 29);
  }
  for (; address < end; address++) sum = rotl<u64>((sum ^ load<u8>(address)) * 0x9e3779b97f4a7c15, 29);
  sum = (sum ^ (sum >>> 32)) * 0xd6e8feb86659fd93;
  return (sum >>> 32) as u32;
}

/** Joins what all threads' writers know of each partition. False when out of memory. */
export function spoolCollect(
  spool: usize,
  writers: usize,
  writersStride: u32,
  threadCount: u32,
  partitions: u32,
  arena: usize,
): bool {
  const records = arenaAllocate(arena, partitions * RECORD_BYTES);
  if (records == 0) return false;
  memory.fill(records, 0, partitions * RECORD_BYTES);
  store<u32>(spool, records, SPOOL_RECORDS);
  store<u32>(spool, writers as u32, SPOOL_WRITERS);
  store<u32>(spool, writersStride, SPOOL_WRITERS_STRIDE);
  let total: u64 = 0;
  for (let p: u32 = 0; p < partitions; p++) {
    const record: usize = records + p * RECORD_BYTES;
    let tail = record + RECORD_FIRST;
    let blocks: u32 = 0;
    let rows: u64 = 0;
    for (let t: u32 = 0; t < threadCount; t++) {
      const writer = writers + t * writersStride;
      const entries = load<u32>(writer, WRITER_ENTRIES);
      if (entries == 0) continue;
      const folders = load<u32>(writer, WRITER_FOLDERS);
      if (folders != 0) {
        const folder: usize = folders + p * FOLDER_BYTES;
        blocks += load<u32>(folder, FOLDER_BLOCKS);
        rows += load<u64>(folder, FOLDER_ROWS);
      }
      let entry = load<u32>(entries + (p << 2));
      store<u32>(tail, entry);
      for (; entry != 0; entry = load<u32>(entry, ENTRY_NEXT)) {
        blocks++;
        rows += load<u32>(entry, ENTRY_ROWS);
        tail = (entry as usize) + ENTRY_NEXT;
      }
    }
    store<u32>(record, load<u32>(record, RECORD_FIRST), RECORD_KEPT);
    store<u32>(record, blocks, RECORD_BLOCKS);
    store<u64>(record, rows, RECORD_ROWS);
    total += rows;
  }
  store<u64>(spool, total, SPOOL_ROWS);
  return true;
}

@inline
export function spoolRecord(spool: usize, partition: u32): usize {
  return load<u32>(spool, SPOOL_RECORDS) + partition * RECORD_BYTES;
}

/** Makes addresses of the distances in the strings' references of `rows` rows; `end`: of the strings' bytes. */
export function spoolLand(spool: usize, row: usize, rows: u32, end: u32): void {
  const count = load<u32>(spool, SPOOL_STRING_COUNT);
  if (count == 0) return;
  const stride = load<u32>(spool, SPOOL_STRIDE);
  const strings = spool + SPOOL_STRINGS;
  const stringsEnd = strings + (count << 3);
  for (let i: u32 = 0; i < rows; i++) {
    for (let field = strings; field < stringsEnd; field += 8) {
      const at = row + load<u32>(field);
      const reference = load<u64>(at);
      const length = lengthOf(reference);
      store<u64>(at, length == 0 ? EMPTY : referenceTo(end - (addressOf(reference) as u32), length));
    }
    row += stride;
  }
}

/** Blocks that a source reads: { array of entries and rows before each (u32, u32), number of blocks }. */
const BLOCKS_ARRAY: usize = 0;
const BLOCKS_COUNT: usize = 4;

/** Lists the partition's blocks for a source. False when out of memory. */
export function spoolList(spool: usize, partition: u32, list: usize, arena: usize): bool {
  const record = spoolRecord(spool, partition);
  const count = load<u32>(record, RECORD_BLOCKS);
  const array = arenaAllocate(arena, max<u32>(count << 3, 8));
  if (array == 0) return false;
  store<u32>(list, array, BLOCKS_ARRAY);
  store<u32>(list, count, BLOCKS_COUNT);
  let rows: u32 = 0;
  let to: usize = array;
  for (let entry = load<u32>(record, RECORD_FIRST); entry != 0; entry = load<u32>(entry, ENTRY_NEXT)) {
    store<u32>(to, entry, 0);
    store<u32>(to, rows, 4);
    rows += load<u32>(entry, ENTRY_ROWS);
    to += 8;
  }
  return true;
}

/** Bytes that the query may still take. */
export function spoolRoom(arena: usize): u64 {
  const query: usize = load<u32>(arena);
  const used = atomic.load<u64>(query + QUERY_USED);
  const limit = load<u64>(query, QUERY_LIMIT);
  return used > limit ? 0 : limit - used;
}
