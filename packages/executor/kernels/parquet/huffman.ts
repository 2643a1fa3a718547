// Huffman-coded literals (RFC 8878, section 4.2).
import { BAD_HEADER, fail, TRUNCATED, WRONG_LENGTH } from "./failure";
import { bitsBefore, buildTable, FSE_SCRATCH_BYTES, fseLog, readCounts, streamBits } from "./fse";

const MAX_BITS: u32 = 11;
const MAX_WEIGHT_LOG: u32 = 6;
const MAX_SYMBOLS: u32 = 256;

/** u16 per MAX_BITS bits: symbol, and its code's length in the high byte. */
export const HUFFMAN_TABLE_BYTES: usize = 4096;
/** Scratch for building: FSE scratch, an FSE table of 64 states, weights, and where each weight's codes begin. */
const FSE_TABLE: usize = FSE_SCRATCH_BYTES;
const WEIGHTS: usize = FSE_TABLE + 512;
const STARTS: usize = WEIGHTS + 512;
export const HUFFMAN_SCRATCH_BYTES: usize = STARTS + 64;

/** Length of the longest code in the table last built. */
export let huffmanBits: u32 = 0;

/** Reads a tree and builds its table. The position behind it; 0 if it is malformed (`fail` was called). */
export function readHuffmanTree(scratch: usize, table: usize, input: usize, end: usize): usize {
  if (input >= end) {
    fail(TRUNCATED, input);
    return 0;
  }
  const header: u32 = load<u8>(input++);
  const weights = scratch + WEIGHTS;
  let count: u32;
  if (header >= 128) {
    count = header - 127;
    const bytes = (count + 1) >> 1;
    if (bytes > ((end - input) as u32)) {
      fail(TRUNCATED, input);
      return 0;
    }
    for (let i: u32 = 0; i < count; i++) {
      const pair: u32 = load<u8>(input + (i >> 1));
      store<u8>(weights + i, i & 1 ? pair & 15 : pair >> 4);
    }
    input += bytes;
  } else {
    if (header > ((end - input) as u32)) {
      fail(TRUNCATED, input);
      return 0;
    }
    count = readWeights(scratch, input, input + header);
    if (count == 0) return 0;
    input += header;
  }
  return buildHuffman(weights, scratch + STARTS, count, table) < 0 ? 0 : input;
}

/** Weights as two interleaved FSE states. How many, or 0. */
function readWeights(scratch: usize, input: usize, end: usize): u32 {
  const stream = readCounts(scratch, input, end, MAX_WEIGHT_LOG, 255);
  if (stream == 0) return 0;
  const table = scratch + FSE_TABLE;
  if (buildTable(scratch, table, 0) < 0) return 0;
  let position = streamBits(stream, (end - stream) as u32);
  const log = fseLog;
  if (position < ((log << 1) as i32)) {
    fail(TRUNCATED, stream);
    return 0;
  }
  let first = bitsBefore(stream, position, log) as u32;
  position -= log;
  let second = bitsBefore(stream, position, log) as u32;
  position -= log;
  const weights = scratch + WEIGHTS;
  let count: u32 = 0;
  // The last symbol has no weight of its own, so there are at most 255.
  while (count < MAX_SYMBOLS - 2) {
    const entry = table + (first << 3);
    store<u8>(weights + count++, load<u8>(entry, 4));
    const bits: u32 = load<u8>(entry, 2);
    first = (load<u16>(entry) as u32) + (bitsBefore(stream, position, bits) as u32);
    position -= bits;
    if (position < 0) {
      store<u8>(weights + count++, load<u8>(table + (second << 3), 4));
      return count;
    }
    // The states take turns.
    const other = first;
    first = second;
    second = other;
  }
  fail(BAD_HEADER, stream);
  return 0;
}

/** Shortest codes have the highest weight, and the highest table places. */
function buildHuffman(weights: usize, starts: usize, count: u32, table: usize): i32 {
  let total: u32 = 0;
  memory.fill(starts, 0, 64);
  for (let i: u32 = 0; i < count; i++) {
    const weight: u32 = load<u8>(weights + i);
    if (weight > MAX_BITS) return fail(BAD_HEADER, table);
    if (weight == 0) continue;
    total += 1 << (weight - 1);
    store<u32>(starts + (weight << 2), load<u32>(starts + (weight << 2)) + (1 << (weight - 1)));
  }
  if (total == 0) return fail(BAD_HEADER, table);
  const maxBits: u32 = 32 - clz<u32>(total);
  if (maxBits > MAX_BITS) return fail(BAD_HEADER, table);
  const left = (1 << maxBits) - total;
  if ((left & (left - 1)) != 0) return fail(BAD_HEADER, table);
  const lastWeight: u32 = 32 - clz<u32>(left);
  store<u8>(weights + count, lastWeight as u8);
  store<u32>(starts + (lastWeight << 2), load<u32>(starts + (lastWeight << 2)) + left);
  let start: u32 = 0;
  for (let weight: u32 = 1; weight <= MAX_BITS; weight++) {
    const places = load<u32>(starts + (weight << 2));
    store<u32>(starts + (weight << 2), start);
    start += places;
  }
  for (let symbol: u32 = 0; symbol <= count; symbol++) {
    const weight: u32 = load<u8>(weights + symbol);
    if (weight == 0) continue;
    const entry = symbol | ((maxBits + 1 - weight) << 8);
    const first = load<u32>(starts + (weight << 2));
    const places: u32 = 1 << (weight - 1);
    for (let i: u32 = 0; i < places; i++) store<u16>(table + ((first + i) << 1), entry as u16);
    store<u32>(starts + (weight << 2), first + places);
  }
  huffmanBits = maxBits;
  return 0;
}

/** The next 57 or more bits of a stream, highest first. */
@inline
function window(base: usize, position: i32): u64 {
  const byte = ((position + 7) >> 3) - 8;
  return load<u64>(base + byte) << ((64 - (position - (byte << 3))) as u64);
}

/** Decodes one stream to exactly `count` symbols. 0, or a failure. */
export function huffmanStream(base: usize, bytes: u32, table: usize, bits: u32, target: usize, count: u32): i32 {
  let position = streamBits(base, bytes);
  if (position < 0) return fail(TRUNCATED, base);
  const end = target + count;
  const shift: u64 = 64 - bits;
  // Five codes of at most 11 bits in one load.
  while (position >= 64 && end - target >= 5) {
    let next = window(base, position);
    let taken: u32 = 0;
    for (let i: usize = 0; i < 5; i++) {
      const entry: u32 = load<u16>(table + ((next >> shift) << 1) as usize);
      store<u8>(target + i, entry as u8);
      next <<= (entry >> 8) as u64;
      taken += entry >> 8;
    }
    position -= taken;
    target += 5;
  }
  return huffmanTail(base, position, table, bits, target, end);
}

function huffmanTail(base: usize, position: i32, table: usize, bits: u32, target: usize, end: usize): i32 {
  while (target < end) {
    if (position <= 0) return fail(TRUNCATED, base);
    const entry: u32 = load<u16>(table + ((bitsBefore(base, position, bits) as usize) << 1));
    store<u8>(target++, entry as u8);
    position -= entry >> 8;
  }
  return position == 0 ? 0 : fail(WRONG_LENGTH, base);
}
