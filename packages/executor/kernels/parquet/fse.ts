// Finite-state entropy tables (RFC 8878, section 4.1).
import { BAD_HEADER, fail, TRUNCATED } from "./failure";

/**
 * A table has an entry of 8 bytes per state: next state without its bits (u16), how many bits to read for it (u8), how many
 * extra bits the code's value has (u8), and the value without them (u32).
 */
export const FSE_ENTRY_SHIFT: usize = 3;

/** Scratch for building: a symbol per state, a count and a next state per symbol. */
const SYMBOLS: usize = 0;
const COUNTS: usize = 512;
const NEXT: usize = 1024;
export const FSE_SCRATCH_BYTES: usize = 1536;

/** What `readCounts` found: the table's log2 size and how many symbols it has. */
export let fseLog: u32 = 0;
export let fseSymbols: u32 = 0;

/** Reads normalized counts into `scratch`. The position behind them; 0 if they are malformed (`fail` was called). */
export function readCounts(scratch: usize, input: usize, end: usize, maxLog: u32, maxSymbol: u32): usize {
  if (input >= end) {
    fail(TRUNCATED, input);
    return 0;
  }
  const available: u32 = ((end - input) as u32) << 3;
  const log: u32 = (load<u8>(input) & 15) + 5;
  if (log > maxLog) {
    fail(BAD_HEADER, input);
    return 0;
  }
  let bit: u32 = 4;
  let remaining: i32 = 1 << log;
  let symbol: u32 = 0;
  while (remaining > 0) {
    if (symbol > maxSymbol || bit > available) {
      fail(BAD_HEADER, input);
      return 0;
    }
    const bits: u32 = 32 - clz<u32>(remaining + 1);
    let value: u32 = (load<u32>(input + (bit >> 3)) >> (bit & 7)) & ((1 << bits) - 1);
    const lowMask: u32 = (1 << (bits - 1)) - 1;
    const threshold: u32 = (1 << bits) - 1 - (remaining + 1);
    if ((value & lowMask) < threshold) {
      value &= lowMask;
      bit += bits - 1;
    } else {
      if (value > lowMask) value -= threshold;
      bit += bits;
    }
    // -1 is a probability below one state.
    const count = (value as i32) - 1;
    remaining -= count < 0 ? -count : count;
    store<i16>(scratch + COUNTS + (symbol << 1), count as i16);
    symbol++;
    if (count == 0) {
      let repeat: u32 = 3;
      while (repeat == 3) {
        repeat = (load<u16>(input + (bit >> 3)) >> (bit & 7)) & 3;
        bit += 2;
        for (let i: u32 = 0; i < repeat; i++) {
          if (symbol > maxSymbol) {
            fail(BAD_HEADER, input);
            return 0;
          }
          store<i16>(scratch + COUNTS + (symbol << 1), 0);
          symbol++;
        }
        if (bit > available) {
          fail(TRUNCATED, input);
          return 0;
        }
      }
    }
  }
  if (remaining != 0 || bit > available) {
    fail(BAD_HEADER, input);
    return 0;
  }
  fseLog = log;
  fseSymbols = symbol;
  return input + ((bit + 7) >> 3);
}

/** Takes counts that are known, as i8. */
export function setCounts(scratch: usize, counts: usize, symbols: u32, log: u32): void {
  for (let i: u32 = 0; i < symbols; i++) store<i16>(scratch + COUNTS + (i << 1), load<i8>(counts + i));
  fseLog = log;
  fseSymbols = symbols;
}

/**
 * Builds the table of the counts in `scratch`. `values`: per symbol, u32 value and u32 extra bits; 0: the value is the
 * symbol. 0, or a failure.
 */
export function buildTable(scratch: usize, table: usize, values: usize): i32 {
  const size: u32 = 1 << fseLog;
  const mask = size - 1;
  let high = size;
  for (let symbol: u32 = 0; symbol < fseSymbols; symbol++) {
    const count = load<i16>(scratch + COUNTS + (symbol << 1));
    if (count == -1) {
      high--;
      store<u8>(scratch + SYMBOLS + high, symbol as u8);
      store<u16>(scratch + NEXT + (symbol << 1), 1);
    } else store<u16>(scratch + NEXT + (symbol << 1), count);
  }
  const step = (size >> 1) + (size >> 3) + 3;
  let position: u32 = 0;
  for (let symbol: u32 = 0; symbol < fseSymbols; symbol++) {
    const count = load<i16>(scratch + COUNTS + (symbol << 1));
    for (let i: i32 = 0; i < count; i++) {
      store<u8>(scratch + SYMBOLS + position, symbol as u8);
      do position = (position + step) & mask;
      while (position >= high);
    }
  }
  if (position != 0) return fail(BAD_HEADER, table);
  for (let state: u32 = 0; state < size; state++) {
    const symbol: u32 = load<u8>(scratch + SYMBOLS + state);
    const next: u32 = load<u16>(scratch + NEXT + (symbol << 1));
    store<u16>(scratch + NEXT + (symbol << 1), (next + 1) as u16);
    const bits = fseLog - (31 - clz<u32>(next));
    const entry = table + (state << (FSE_ENTRY_SHIFT as u32));
    store<u16>(entry, ((next << bits) - size) as u16);
    store<u8>(entry, bits as u8, 2);
    storeValue(entry, symbol, values);
  }
  return 0;
}

/** A table of one state, that gives always the same symbol. */
export function buildSingle(table: usize, symbol: u32, values: usize): void {
  store<u32>(table, 0);
  storeValue(table, symbol, values);
}

@inline
function storeValue(entry: usize, symbol: u32, values: usize): void {
  if (values == 0) {
    store<u8>(entry, 0, 3);
    store<u32>(entry, symbol, 4);
  } else {
    store<u8>(entry, load<u8>(values + (symbol << 3), 4), 3);
    store<u32>(entry, load<u32>(values + (symbol << 3)), 4);
  }
}

/** `bits` bits (0 to 56) that end at bit `position` of the bits at `base`; before their first bit lie zeros. */
@inline
export function bitsBefore(base: usize, position: i32, bits: u32): u64 {
  const start = position - (bits as i32);
  const mask: u64 = ((1 as u64) << (bits as u64)) - 1;
  if (start >= 0) return (load<u64>(base + (start >> 3)) >> ((start & 7) as u64)) & mask;
  if (position <= 0) return 0;
  return (load<u64>(base) << (-start as u64)) & mask;
}

/** Bits in a stream that is read from its end, where the highest 1 marks it; -1 if there is no mark. */
@inline
export function streamBits(base: usize, bytes: u32): i32 {
  if (bytes == 0) return -1;
  const last: u32 = load<u8>(base + bytes - 1);
  if (last == 0) return -1;
  return ((bytes << 3) as i32) - 8 + (31 - (clz<u32>(last) as i32));
}
