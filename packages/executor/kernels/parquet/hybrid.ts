// The RLE/bit-packing hybrid (parquet-format, Encodings.md): dictionary indexes, definition levels, booleans.
// A reader's state is a block of 32 bytes that the host keeps, so that it goes on where the last batch ended.
import { BAD_LEVEL, fail, OUT_OF_BOUNDS, TRUNCATED } from "./failure";
import { unpackBits, unpackSingle } from "./unpack";

const POSITION: usize = 0;
const END: usize = 4;
const WIDTH: usize = 8;
/** Values left in the current run, of either kind. */
const LEFT: usize = 12;
/** 1: the run repeats VALUE; 0: it is bit-packed at DATA, and INDEX of its values have been read. */
const REPEATS: usize = 16;
const VALUE: usize = 20;
const DATA: usize = 24;
const INDEX: usize = 28;

/** A reader of `width`-bit values (0 to 32) in [position, end). */
export function hybridStart(state: usize, position: u32, end: u32, width: u32): void {
  store<u32>(state, position, POSITION);
  store<u32>(state, end, END);
  store<u32>(state, width, WIDTH);
  store<u32>(state, 0, LEFT);
}

/** Reads the next run's header; afterwards LEFT is not 0. */
function nextRun(state: usize): i32 {
  let position: usize = load<u32>(state, POSITION);
  const end: usize = load<u32>(state, END);
  const width = load<u32>(state, WIDTH);
  let left: u64 = 0;
  while (left == 0) {
    if (width == 0 && position >= end) {
      // A dictionary of one entry needs no bits, and some writers then write nothing.
      store<u32>(state, 1, REPEATS);
      store<u32>(state, 0, VALUE);
      store<u32>(state, 0x7fffffff, LEFT);
      return 0;
    }
    let header: u64 = 0;
    for (let shift: u64 = 0; ; shift += 7) {
      if (position >= end) return fail(TRUNCATED, position);
      if (shift > 28) return fail(OUT_OF_BOUNDS, position);
      const byte: u64 = load<u8>(position++);
      header |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    if ((header & 1) == 0) {
      const bytes = (width + 7) >> 3;
      if (bytes > end - position) return fail(TRUNCATED, position);
      let value: u32 = 0;
      for (let i: u32 = 0; i < bytes; i++) value |= (load<u8>(position + i) as u32) << (i << 3);
      position += bytes;
      left = min<u64>(header >> 1, 0x7fffffff);
      store<u32>(state, 1, REPEATS);
      store<u32>(state, value, VALUE);
    } else {
      // The last run may lack the padding to whole groups of eight.
      const groups = header >> 1;
      const bytes = min<u64>(groups * width, end - position);
      left = width == 0 ? groups << 3 : min<u64>(groups << 3, (bytes << 3) / width);
      left = min<u64>(left, 0x7fffffff);
      store<u32>(state, 0, REPEATS);
      store<u32>(state, position as u32, DATA);
      store<u32>(state, 0, INDEX);
      position += bytes as usize;
      if (width == 0) {
        store<u32>(state, 1, REPEATS);
        store<u32>(state, 0, VALUE);
      } else if (left == 0 && groups != 0) return fail(TRUNCATED, position);
    }
    store<u32>(state, position as u32, POSITION);
  }
  store<u32>(state, left as u32, LEFT);
  return 0;
}

/** Reads `count` values as u32. Up to 31 values behind them in `target` are overwritten. 0, or a failure. */
export function hybridRead(state: usize, target: usize, count: u32): i32 {
  const width = load<u32>(state, WIDTH);
  while (count > 0) {
    let left = load<u32>(state, LEFT);
    if (left == 0) {
      if (width != 0) {
        // Most runs are short: those that end within this call never reach the state.
        const position = readRuns(load<u32>(state, POSITION), load<u32>(state, END), width, target, count);
        store<u32>(state, position as u32, POSITION);
        const read = ((runsEnd - target) >> 2) as u32;
        target = runsEnd;
        count -= read;
        if (count == 0) return 0;
      }
      const status = nextRun(state);
      if (status < 0) return status;
      left = load<u32>(state, LEFT);
    }
    const now = min(count, left);
    if (load<u32>(state, REPEATS)) fillCodes(target, load<u32>(state, VALUE), now);
    else {
      unpackRange(width, load<u32>(state, DATA), load<u32>(state, INDEX), target, now);
      store<u32>(state, load<u32>(state, INDEX) + now, INDEX);
    }
    store<u32>(state, left - now, LEFT);
    target += (now as usize) << 2;
    count -= now;
  }
  return 0;
}

/** Where `readRuns` stopped writing. */
let runsEnd: usize = 0;

/**
 * Reads whole runs of short headers, as long as they fit into `count` values and into the input; the rest is for
 * `nextRun`. The position behind them.
 */
function readRuns(position: usize, end: usize, width: u32, target: usize, count: u32): usize {
  const valueBytes: usize = (width + 7) >> 3;
  const valueMask: u32 = (0xffffffff as u32) >> (32 - ((valueBytes as u32) << 3));
  while (end - position > valueBytes) {
    const header: u32 = load<u8>(position);
    if (header >= 128) break;
    if ((header & 1) == 0) {
      const now = header >> 1;
      if (now > count) break;
      fillCodes(target, load<u32>(position, 1) & valueMask, now);
      position += 1 + valueBytes;
      target += (now as usize) << 2;
      count -= now;
    } else {
      const groups = header >> 1;
      const bytes: usize = groups * width;
      const now = groups << 3;
      if (now > count || bytes > end - position - 1) break;
      unpackRange(width, position + 1, 0, target, now);
      position += 1 + bytes;
      target += (now as usize) << 2;
      count -= now;
    }
  }
  runsEnd = target;
  return position;
}

@inline
function fillCodes(target: usize, value: u32, count: u32): void {
  const values = i32x4.splat(value);
  const end = target + ((count as usize) << 2);
  for (; target < end; target += 16) v128.store(target, values);
}

/** Values `index` … `index + count - 1` of a bit-packed run: single ones to a byte boundary, then groups of 32. */
function unpackRange(width: u32, data: usize, index: u32, target: usize, count: u32): void {
  const head = min<u32>((8 - (index & 7)) & 7, count);
  for (let i: u32 = 0; i < head; i++) store<u32>(target + (i << 2), unpackSingle(width, data, index + i));
  const groups = (count - head + 31) >> 5;
  if (groups == 0) return;
  const start = data + ((((index + head) >> 3) as usize) * width);
  unpackBits(width, start, target + (head << 2), groups);
}

/** Passes over `count` values. 0, or a failure. */
export function hybridSkip(state: usize, count: u32): i32 {
  while (count > 0) {
    let left = load<u32>(state, LEFT);
    if (left == 0) {
      const status = nextRun(state);
      if (status < 0) return status;
      left = load<u32>(state, LEFT);
    }
    const now = min(count, left);
    if (!load<u32>(state, REPEATS)) store<u32>(state, load<u32>(state, INDEX) + now, INDEX);
    store<u32>(state, left - now, LEFT);
    count -= now;
  }
  return 0;
}

/** Spreads 8 bits, lowest first, to 8 bytes of 0 or 1. */
@inline
export function spreadBits(bits: u32): u64 {
  const picked = ((bits as u64) * 0x0101010101010101) & 0x8040201008040201;
  return ((picked + 0x7f7f7f7f7f7f7f7f) >> 7) & 0x0101010101010101;
}

/**
 * Reads `count` values of one bit as bytes: levels as validity, or booleans. Up to 7 bytes behind them in `target` are
 * overwritten. How many are 1, or a failure.
 */
export function hybridReadBits(state: usize, target: usize, count: u32): i32 {
  let ones: i32 = 0;
  while (count > 0) {
    let left = load<u32>(state, LEFT);
    if (left == 0) {
      const status = nextRun(state);
      if (status < 0) return status;
      left = load<u32>(state, LEFT);
    }
    const now = min(count, left);
    if (load<u32>(state, REPEATS)) {
      const value = load<u32>(state, VALUE);
      if (value > 1) return fail(BAD_LEVEL, load<u32>(state, POSITION));
      memory.fill(target, value as u8, now);
      ones += value * now;
    } else {
      const index = load<u32>(state, INDEX);
      ones += unpackBooleans(load<u32>(state, DATA), index, target, now);
      store<u32>(state, index + now, INDEX);
    }
    store<u32>(state, left - now, LEFT);
    target += now;
    count -= now;
  }
  return ones;
}

/** As `hybridReadBits`, without writing: how many of the next `count` bits are 1. */
export function hybridSkipBits(state: usize, count: u32): i32 {
  let ones: i32 = 0;
  while (count > 0) {
    let left = load<u32>(state, LEFT);
    if (left == 0) {
      const status = nextRun(state);
      if (status < 0) return status;
      left = load<u32>(state, LEFT);
    }
    const now = min(count, left);
    if (load<u32>(state, REPEATS)) {
      const value = load<u32>(state, VALUE);
      if (value > 1) return fail(BAD_LEVEL, load<u32>(state, POSITION));
      ones += value * now;
    } else {
      const index = load<u32>(state, INDEX);
      ones += countBits(load<u32>(state, DATA), index, now);
      store<u32>(state, index + now, INDEX);
    }
    store<u32>(state, left - now, LEFT);
    count -= now;
  }
  return ones;
}

/**
 * Bits `index` … `index + count - 1` at `source`, lowest first, as bytes; up to 7 bytes behind them are overwritten. Returns how
 * many are 1. Also the PLAIN encoding of booleans.
 */
export function unpackBooleans(source: usize, index: u32, target: usize, count: u32): i32 {
  let ones: u64 = 0;
  let done: u32 = 0;
  while (done < count) {
    const at = index + done;
    // Two bytes hold the next eight bits, wherever they start.
    const bits = ((load<u16>(source + (at >> 3)) as u32) >> (at & 7)) & 0xff;
    store<u64>(target + done, spreadBits(bits));
    const now = min<u32>(8, count - done);
    ones += popcnt<u32>(bits & (0xff >> (8 - now)));
    done += now;
  }
  return ones as i32;
}

function countBits(source: usize, index: u32, count: u32): i32 {
  let ones: u32 = 0;
  let done: u32 = 0;
  while (done < count) {
    const at = index + done;
    const bits = ((load<u16>(source + (at >> 3)) as u32) >> (at & 7)) & 0xff;
    const now = min<u32>(8, count - done);
    ones += popcnt<u32>(bits & (0xff >> (8 - now)));
    done += now;
  }
  return ones as i32;
}

/** BIT_PACKED levels (deprecated) are packed from the highest bit down: turns each byte around, in place. */
export function reverseBits(address: usize, bytes: u32): void {
  for (let i: u32 = 0; i < bytes; i++) {
    let bits: u32 = load<u8>(address + i);
    bits = ((bits & 0x55) << 1) | ((bits >> 1) & 0x55);
    bits = ((bits & 0x33) << 2) | ((bits >> 2) & 0x33);
    store<u8>(address + i, (bits << 4) | (bits >> 4));
  }
}

/** A reader of `count` one-bit values that are packed at `data` without run headers. */
export function bitsStart(state: usize, data: u32, count: u32): void {
  store<u32>(state, data, POSITION);
  store<u32>(state, data, END);
  store<u32>(state, 1, WIDTH);
  store<u32>(state, count, LEFT);
  store<u32>(state, 0, REPEATS);
  store<u32>(state, data, DATA);
  store<u32>(state, 0, INDEX);
}
