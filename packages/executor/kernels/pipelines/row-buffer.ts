// Rows of one stride that a thread collects, and the lists made of them. Lists: src/pipelines/row-list.ts.
//
// A buffer (16 bytes, zeroed = empty): { next row, end of the newest chunk, newest chunk, rows in the chunks before it }.
// A chunk: { previous chunk, end of its rows (once a newer one exists), first row, 0 }, then rows, 16-aligned.
import { arenaAllocate } from "../memory";

const NEXT: usize = 0;
const END: usize = 4;
const CHUNK: usize = 8;
const CLOSED_ROWS: usize = 12;

const PREVIOUS: usize = 0;
const ROWS_END: usize = 4;
const FIRST: usize = 8;
const CHUNK_HEADER: u32 = 16;

const FIRST_ROWS: u32 = 16;
const SEGMENT_ROWS: u32 = 4096;
const CHUNK_BYTES: u32 = 0x10000;

/** Room for more rows: the address of the next one, which the caller takes by moving `next`; 0 when out of memory. */
export function rowBufferGrow(buffer: usize, arena: usize, stride: u32): u32 {
  const chunk = load<u32>(buffer, CHUNK);
  let capacity = FIRST_ROWS;
  if (chunk != 0) {
    const end = load<u32>(buffer, NEXT);
    const rows = (end - load<u32>(chunk, FIRST)) / stride;
    store<u32>(chunk, end, ROWS_END);
    store<u32>(buffer, load<u32>(buffer, CLOSED_ROWS) + rows, CLOSED_ROWS);
    capacity = min<u32>(rows << 1, max<u32>(min<u32>(SEGMENT_ROWS, CHUNK_BYTES / stride), 1));
  }
  const bytes = capacity * stride;
  const grown = arenaAllocate(arena, CHUNK_HEADER + bytes + 8);
  if (grown == 0) return 0;
  const first = (grown + CHUNK_HEADER + 15) & ~15;
  store<u32>(grown, chunk, PREVIOUS);
  store<u32>(grown, first, FIRST);
  store<u32>(buffer, first, NEXT);
  store<u32>(buffer, first + bytes, END);
  store<u32>(buffer, grown, CHUNK);
  return first;
}

@inline
export function rowBufferCount(buffer: usize, stride: u32): u32 {
  const chunk = load<u32>(buffer, CHUNK);
  if (chunk == 0) return 0;
  return load<u32>(buffer, CLOSED_ROWS) + (load<u32>(buffer, NEXT) - load<u32>(chunk, FIRST)) / stride;
}

@inline
export function newestChunk(buffer: usize): u32 {
  return load<u32>(buffer, CHUNK);
}

@inline
export function previousChunk(chunk: u32): u32 {
  return load<u32>(chunk, PREVIOUS);
}

@inline
export function firstRow(chunk: u32): u32 {
  return load<u32>(chunk, FIRST);
}

@inline
export function rowsEnd(buffer: usize, chunk: u32): u32 {
  return chunk == load<u32>(buffer, CHUNK) ? load<u32>(buffer, NEXT) : load<u32>(chunk, ROWS_END);
}

const SEGMENT_BYTES: u32 = 16;

/**
 * Fills the list head with all rows of the buffers at `buffers`, `buffers + buffersStride`, … of `count` threads, one
 * segment for each chunk. False when out of memory.
 */
export function rowListCollect(
  head: usize,
  buffers: usize,
  buffersStride: u32,
  count: u32,
  stride: u32,
  arena: usize,
): bool {
  let chunks: u32 = 0;
  let rows: u64 = 0;
  for (let t: u32 = 0; t < count; t++) {
    const buffer = buffers + t * buffersStride;
    for (let chunk = newestChunk(buffer); chunk != 0; chunk = previousChunk(chunk)) chunks++;
    rows += rowBufferCount(buffer, stride);
  }
  store<u32>(head, 0, 0);
  store<u32>(head, 0, 4);
  store<u64>(head, rows, 8);
  if (chunks == 0) return true;
  const segments = arenaAllocate(arena, chunks * SEGMENT_BYTES);
  if (segments == 0) return false;
  store<u32>(head, segments, 0);
  store<u32>(head, chunks, 4);
  let segment: usize = segments;
  for (let t: u32 = 0; t < count; t++) {
    const buffer = buffers + t * buffersStride;
    for (let chunk = newestChunk(buffer); chunk != 0; chunk = previousChunk(chunk)) {
      const first = firstRow(chunk);
      store<u32>(segment, first, 0);
      store<u32>(segment, 0, 4);
      store<u32>(segment, (rowsEnd(buffer, chunk) - first) / stride, 8);
      store<u32>(segment, 0, 12);
      segment += SEGMENT_BYTES;
    }
  }
  return true;
}
