// LZ4's block format (https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md).
import { fail, OUT_OF_BOUNDS, TRUNCATED, WRONG_LENGTH } from "./failure";
import { copyLiteral, copyMatch } from "./copies";

const MIN_MATCH: u32 = 4;

/** Decompresses one block. The number of bytes written, at most `targetCapacity`, or a failure. */
export function lz4Decompress(source: usize, sourceLength: u32, target: usize, targetCapacity: u32): i32 {
  return lz4DecompressLinked(source, sourceLength, target, targetCapacity, 0);
}

/** The same for a block that may repeat what lies in the `history` bytes before `target`. */
export function lz4DecompressLinked(
  source: usize,
  sourceLength: u32,
  target: usize,
  targetCapacity: u32,
  history: u32,
): i32 {
  const sourceEnd = source + sourceLength;
  const targetEnd = target + targetCapacity;
  let input = source;
  let output = target;
  while (input < sourceEnd) {
    const token: u32 = load<u8>(input++);
    let length: u32 = token >> 4;
    if (length == 15) {
      let byte: u32;
      do {
        if (input >= sourceEnd) return fail(TRUNCATED, input);
        byte = load<u8>(input++);
        length += byte;
        if (length > targetCapacity) return fail(WRONG_LENGTH, input);
      } while (byte == 255);
    }
    if (length > sourceEnd - input) return fail(TRUNCATED, input);
    if (length > targetEnd - output) return fail(WRONG_LENGTH, input);
    copyLiteral(output, input, length);
    input += length;
    output += length;
    // The last sequence is literals alone.
    if (input == sourceEnd) break;
    if (sourceEnd - input < 2) return fail(TRUNCATED, input);
    const distance: u32 = load<u16>(input);
    input += 2;
    length = token & 15;
    if (length == 15) {
      let byte: u32;
      do {
        if (input >= sourceEnd) return fail(TRUNCATED, input);
        byte = load<u8>(input++);
        length += byte;
        if (length > targetCapacity) return fail(WRONG_LENGTH, input);
      } while (byte == 255);
    }
    length += MIN_MATCH;
    if (distance - 1 >= output - target + history) return fail(OUT_OF_BOUNDS, input);
    if (length > targetEnd - output) return fail(WRONG_LENGTH, input);
    copyMatch(output, distance, length);
    output += length;
  }
  return (output - target) as i32;
}

const HASH_BITS: u32 = 13;
const LAST_LITERALS: usize = 5;
/** No match begins in the last bytes of a block. */
const MATCH_MARGIN: usize = 12;
const MAX_DISTANCE: usize = 65535;
/** After so many misses (as a power of two) the search moves on in larger steps: what does not repeat is passed over quickly. */
const SKIP_SHIFT: u32 = 6;

/**
 * Compresses one block of less than 2 GiB, greedily, with the last place of each hash of four bytes in `table`. The number of bytes written, at
 * most length + length / 255 + 16; copies may read and write 64 bytes further.
 */
export function lz4Compress(source: usize, length: u32, target: usize, table: usize): u32 {
  memory.fill(table, 0, 4 << HASH_BITS);
  const end = source + length;
  const matchEnd = end - LAST_LITERALS;
  const lastStart = end - MATCH_MARGIN;
  let output = target;
  let anchor = source;
  let input = source + 1;
  if (length <= MATCH_MARGIN) return (lastLiterals(output, anchor, length) - target) as u32;
  while (input <= lastStart) {
    let misses: u32 = 1 << SKIP_SHIFT;
    let found: usize = 0;
    while (input <= lastStart) {
      const bytes = load<u32>(input);
      const slot = hashSlot(table, bytes);
      const candidate = source + load<u32>(slot);
      store<u32>(slot, (input - source) as u32);
      if (input - candidate <= MAX_DISTANCE && load<u32>(candidate) == bytes) {
        found = candidate;
        break;
      }
      input += misses++ >> SKIP_SHIFT;
    }
    if (found == 0) break;
    while (input > anchor && found > source && load<u8>(input - 1) == load<u8>(found - 1)) {
      input--;
      found--;
    }
    const distance = (input - found) as u32;
    const matched = sharedBytes(input + MIN_MATCH, found + MIN_MATCH, matchEnd);
    const literals = (input - anchor) as u32;
    const token = output++;
    store<u8>(token, (min<u32>(literals, 15) << 4) | min<u32>(matched, 15));
    if (literals >= 15) output = writeLength(output, literals - 15);
    copyLiteral(output, anchor, literals);
    output += literals;
    store<u16>(output, distance as u16);
    output += 2;
    if (matched >= 15) output = writeLength(output, matched - 15);
    input += MIN_MATCH + matched;
    anchor = input;
    if (input <= lastStart) store<u32>(hashSlot(table, load<u32>(input - 2)), (input - 2 - source) as u32);
  }
  return (lastLiterals(output, anchor, (end - anchor) as u32) - target) as u32;
}

@inline
function hashSlot(table: usize, bytes: u32): usize {
  return table + (((bytes * 2654435761) >> (32 - HASH_BITS)) << 2);
}

/** How many bytes from `a` on, before `end`, are those from `b` on. */
function sharedBytes(a: usize, b: usize, end: usize): u32 {
  const start = a;
  while (a + 8 <= end) {
    const difference = load<u64>(a) ^ load<u64>(b);
    if (difference != 0) return (a - start + ((ctz(difference) >> 3) as usize)) as u32;
    a += 8;
    b += 8;
  }
  while (a < end && load<u8>(a) == load<u8>(b)) {
    a++;
    b++;
  }
  return (a - start) as u32;
}

function writeLength(output: usize, rest: u32): usize {
  while (rest >= 255) {
    store<u8>(output++, 255);
    rest -= 255;
  }
  store<u8>(output++, rest as u8);
  return output;
}

function lastLiterals(output: usize, from: usize, length: u32): usize {
  store<u8>(output++, min<u32>(length, 15) << 4);
  if (length >= 15) output = writeLength(output, length - 15);
  memory.copy(output, from, length);
  return output + length;
}
