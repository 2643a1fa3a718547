// DELTA_BINARY_PACKED (parquet-format, Encodings.md). A reader's state is a block of 64 bytes that the host keeps.
import { sumInt32, sumInt64, sumOnly } from "./delta-sums";
import { BAD_HEADER, fail, TRUNCATED } from "./failure";

const POSITION: usize = 0;
const END: usize = 4;
/** Values not read yet, including the first one of the header. */
const LEFT: usize = 8;
const MINIBLOCKS: usize = 12;
const MINIBLOCK_VALUES: usize = 16;
/** Index of the current miniblock in its block; MINIBLOCKS before the first block. */
const MINIBLOCK: usize = 20;
/** Values of the current miniblock already read. */
const INDEX: usize = 24;
/** Address of the block's list of bit widths. */
const WIDTHS: usize = 28;
const VALUE: usize = 32;
const MIN_DELTA: usize = 40;
/** 1 until the header's first value has been read. */
const FIRST: usize = 48;

let varint: u64 = 0;

/** Reads a ULEB128 of up to 64 bits to `varint`; the position after it, or 0. */
function readVarint(position: usize, end: usize): usize {
  varint = 0;
  for (let shift: u64 = 0; shift < 70; shift += 7) {
    if (position >= end) return 0;
    const byte: u64 = load<u8>(position++);
    varint |= (byte & 0x7f) << shift;
    if (byte < 0x80) return position;
  }
  return 0;
}

@inline
function unzigzag(value: u64): i64 {
  return ((value >> 1) as i64) ^ -((value & 1) as i64);
}

/** Starts a reader at the header in [position, end). How many values there are, or a failure. */
export function deltaStart(state: usize, position: usize, end: usize): i32 {
  let at = readVarint(position, end);
  if (at == 0) return fail(TRUNCATED, position);
  const blockValues = varint;
  at = readVarint(at, end);
  if (at == 0) return fail(TRUNCATED, position);
  const miniblocks = varint;
  at = readVarint(at, end);
  if (at == 0) return fail(TRUNCATED, position);
  const total = varint;
  at = readVarint(at, end);
  if (at == 0) return fail(TRUNCATED, position);
  if (miniblocks == 0 || miniblocks > 0xffff || blockValues == 0 || blockValues > 0x1000000) {
    return fail(BAD_HEADER, position);
  }
  const miniblockValues = blockValues / miniblocks;
  if (miniblockValues * miniblocks != blockValues || (miniblockValues & 7) != 0) return fail(BAD_HEADER, position);
  if (total > 0x7fffffff) return fail(BAD_HEADER, position);
  store<u32>(state, at as u32, POSITION);
  store<u32>(state, end as u32, END);
  store<u32>(state, total as u32, LEFT);
  store<u32>(state, miniblocks as u32, MINIBLOCKS);
  store<u32>(state, miniblockValues as u32, MINIBLOCK_VALUES);
  store<u32>(state, miniblocks as u32, MINIBLOCK);
  store<u32>(state, 0, INDEX);
  store<i64>(state, unzigzag(varint), VALUE);
  store<u32>(state, 1, FIRST);
  return total as i32;
}

/** Goes to the next miniblock that has values. 0, or a failure. */
function nextMiniblock(state: usize): i32 {
  const miniblocks = load<u32>(state, MINIBLOCKS);
  const end: usize = load<u32>(state, END);
  let position: usize = load<u32>(state, POSITION);
  let miniblock = load<u32>(state, MINIBLOCK);
  if (miniblock < miniblocks) {
    // Pass over the miniblock just read.
    const width: u32 = load<u8>((load<u32>(state, WIDTHS) as usize) + miniblock);
    const bytes = ((load<u32>(state, MINIBLOCK_VALUES) >> 3) as u64) * width;
    if (bytes > end - position) return fail(TRUNCATED, position);
    position += bytes as usize;
    miniblock++;
  }
  if (miniblock >= miniblocks) {
    const at = readVarint(position, end);
    if (at == 0 || miniblocks > end - at) return fail(TRUNCATED, position);
    store<i64>(state, unzigzag(varint), MIN_DELTA);
    store<u32>(state, at as u32, WIDTHS);
    position = at + miniblocks;
    miniblock = 0;
  }
  const width: u32 = load<u8>((load<u32>(state, WIDTHS) as usize) + miniblock);
  if (width > 64) return fail(BAD_HEADER, position);
  store<u32>(state, position as u32, POSITION);
  store<u32>(state, miniblock, MINIBLOCK);
  store<u32>(state, 0, INDEX);
  return 0;
}

/**
 * Reads `count` values to `target`: as i32 if `bytes` is 4, i64 if 8; 0 passes over them. A reader gives values of one size only. All
 * sums wrap around, as the format wants. 0, or a failure.
 */
export function deltaRead(state: usize, target: usize, count: u32, bytes: u32): i32 {
  if (count > load<u32>(state, LEFT)) return fail(TRUNCATED, load<u32>(state, POSITION));
  store<u32>(state, load<u32>(state, LEFT) - count, LEFT);
  let value = load<i64>(state, VALUE);
  if (count > 0 && load<u32>(state, FIRST)) {
    store<u32>(state, 0, FIRST);
    if (bytes == 8) store<i64>(target, value);
    else if (bytes == 4) store<i32>(target, value as i32);
    target += bytes;
    count--;
  }
  const miniblockValues = load<u32>(state, MINIBLOCK_VALUES);
  while (count > 0) {
    let index = load<u32>(state, INDEX);
    if (index == miniblockValues || load<u32>(state, MINIBLOCK) == load<u32>(state, MINIBLOCKS)) {
      const status = nextMiniblock(state);
      if (status < 0) return status;
      index = 0;
    }
    const position: usize = load<u32>(state, POSITION);
    const width: u32 = load<u8>((load<u32>(state, WIDTHS) as usize) + load<u32>(state, MINIBLOCK));
    const minDelta = load<i64>(state, MIN_DELTA);
    const now = min(count, miniblockValues - index);
    // The last miniblock may lack the padding behind its values.
    const needed = ((((index + now) as u64) * width + 7) >> 3);
    if (needed > (load<u32>(state, END) as usize) - position) return fail(TRUNCATED, position);
    if (bytes == 8) value = sumInt64(width, position, index, now, target, value, minDelta);
    else if (bytes == 4) value = sumInt32(width, position, index, now, target, value, minDelta);
    else value = sumOnly(width, position, index, now, value, minDelta);
    target += now * bytes;
    store<u32>(state, index + now, INDEX);
    count -= now;
  }
  store<i64>(state, value, VALUE);
  return 0;
}

/** After the last value: where the encoded bytes end, which is where what follows begins. 0 if that is out of bounds. */
export function deltaEnd(state: usize): u32 {
  let position: u64 = load<u32>(state, POSITION);
  const miniblock = load<u32>(state, MINIBLOCK);
  if (miniblock < load<u32>(state, MINIBLOCKS)) {
    // Miniblocks behind the last value have no bytes, whatever their widths say.
    const width: u32 = load<u8>((load<u32>(state, WIDTHS) as usize) + miniblock);
    position += ((load<u32>(state, MINIBLOCK_VALUES) >> 3) as u64) * width;
  }
  return position > load<u32>(state, END) ? 0 : (position as u32);
}
