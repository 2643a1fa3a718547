// Snappy's raw format (https://github.com/google/snappy/blob/main/format_description.txt). Sources and targets have PADDING readable and
// writable bytes behind their end (src/parquet/slab-pool.ts).
import { copyLiteral, copyMatch } from "./copies";
import { BAD_HEADER, fail, OUT_OF_BOUNDS, TRUNCATED, WRONG_LENGTH } from "./failure";
import { INDEX_BYTES, INDEX_READS_BEHIND, STRETCH_BYTES } from "./snappy-index";
import { decodeIndexedRuns, indexRuns } from "./snappy-runs";
import { decodeIndexedSteps, indexSteps } from "./snappy-steps";

/** Where decoding has come to. */
let position: usize = 0;
let written: usize = 0;

/** Decompresses exactly `targetLength` bytes. 0, or a failure. */
export function snappyDecompress(source: usize, sourceLength: u32, target: usize, targetLength: u32): i32 {
  const sourceEnd = source + sourceLength;
  const targetEnd = target + targetLength;
  position = source;
  written = target;

  let announced: u64 = 0;
  for (let shift: u64 = 0; ; shift += 7) {
    if (position >= sourceEnd) return fail(TRUNCATED, position);
    if (shift > 28) return fail(BAD_HEADER, position);
    const byte: u64 = load<u8>(position++);
    announced |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  if (announced != targetLength) return fail(WRONG_LENGTH, source);

  // Plain integers are pairs, but for a few elements; text is nearly all other elements.
  let mostPairs: u32 = FEW_PAIRS;
  let runs: u32 = 0;
  for (let misses: u32 = 0; position < sourceEnd; ) {
    if (misses > MOST_MISSES) {
      const status = decodeElements(min(position + OTHER_BYTES, sourceEnd), sourceEnd, target, targetEnd);
      if (status < 0) return status;
      misses = MOST_MISSES - FEW_MISSES;
      continue;
    }
    const steps = decodeSteps(sourceEnd, target, targetEnd);
    const pairs = decodePairs(sourceEnd, target, targetEnd, mostPairs);
    misses -= min<u32>(misses, (steps + pairs) >> 1);
    if (steps > FEW_PAIRS) runs = 0;
    const isCut = pairs == mostPairs;
    if (!isCut) {
      misses++;
      if (pairs > 0 && isRepeat(position)) runs++;
      const status = decodeOther(sourceEnd, target, targetEnd);
      if (status < 0) return status;
      if (runs == FEW_RUNS) {
        runs = 0;
        const status = decodeStretches(true, sourceEnd, target, targetEnd);
        if (status < 0) return status;
      }
    }
    // Integers that rise by steps are told from others by their first ones.
    if (steps > FEW_PAIRS || mostPairs == FEW_PAIRS) {
      mostPairs = steps > FEW_PAIRS ? FEW_PAIRS : MANY_PAIRS;
    } else if (pairs >= FEW_PAIRS) {
      const status = decodeStretches(false, sourceEnd, target, targetEnd);
      if (status < 0) return status;
    }
  }
  return written == targetEnd ? 0 : fail(WRONG_LENGTH, position);
}

/** Elements that were no pair, beyond half the number of pairs, after which pairs are not looked for in the next `OTHER_BYTES` of the input. */
const MOST_MISSES: u32 = 64;
const OTHER_BYTES: usize = 8192;

/** So many are enough after that. */
const FEW_MISSES: u32 = 8;

const FEW_PAIRS: u32 = 8;
const MANY_PAIRS: u32 = 64;
const FEW_RUNS: u32 = 8;

/**
 * Decodes pairs that make 8 bytes of which the last ones are as in the 8 bytes before: integers that differ little. Those bytes stay in a
 * register, because a processor waits for bytes that it has just written in other pieces. Returns how many.
 */
function decodeSteps(sourceEnd: usize, target: usize, targetEnd: usize): u32 {
  let input = position;
  let output = written;
  if (output - target < 8) return 0;
  // A pair is read with 16 bytes.
  const most = min(((sourceEnd - input) as u32) >> 4, ((targetEnd - output) as u32) >> 3);
  let left = most;
  if (left == 0) return 0;
  let value = load<u64>(output - 8);
  let word = load<u64>(input);
  do {
    if (((word as u32) & 0xf3) != 0) break;
    const shift = ((word as u32) << 1) & 0x18;
    const copy = ((word >> 16) >> (shift as u64)) as u32;
    // A short copy over a distance of 8, as long as the literal wants to 8 bytes.
    if ((copy & 0xffff) != 0x080d - (shift >> 1)) break;
    input += (shift >> 3) + 4;
    const following = load<u64>(input);
    const changed = ~((-256 as u64) << (shift as u64));
    value = (value & ~changed) | ((word >> 8) & changed);
    store<u64>(output, value);
    output += 8;
    word = following;
  } while (--left > 0);
  position = input;
  written = output;
  return most - left;
}

/**
 * Decodes pairs of a literal of a few bytes and a copy, of which plain integers are made: their low bytes and their high bytes. What
 * takes time is to find out where the next pair begins, so that comes first, and its bytes are loaded ahead. Returns how many.
 */
function decodePairs(sourceEnd: usize, target: usize, targetEnd: usize, mostPairs: u32): u32 {
  let input = position;
  let output = written;
  if (output - target < 8) return 0;
  // A pair is read with 16 bytes, and written with as many.
  const most = min(min(((sourceEnd - input) as u32) >> 4, ((targetEnd - output) as u32) >> 4), mostPairs);
  let left = most;
  if (left == 0) return 0;
  const first = target + 8;
  let word = load<u64>(input);
  do {
    // A literal of 1 to 4 bytes; if it is none, it does not matter how the shift is wrong.
    const copy = (word >> 16) >> (word << 1);
    const kind = (copy as u32) & 3;
    const literal = ((word as u32) >> 2) & 3;
    const next = input + literal + kind;
    const following = load<u64>(next, 3);
    if (((word as u32) & 0xf3) != 0) break;
    // And a copy of at most 8 bytes, whose distance takes one byte or two.
    if (kind - 1 > 1) break;
    const tag = copy as u32;
    const isShort = kind == 1;
    const length = select<u32>(3 + ((tag >> 2) & 7), (tag >> 2) & 63, isShort);
    if (length >= 8) break;
    const distance = select<u32>(((tag & 0xe0) << 3) | ((tag >> 8) & 0xff), (tag >> 8) & 0xffff, isShort);
    const behind = output + literal + 1;
    if (distance - 8 > ((behind - first) as u32)) break;
    store<u32>(output, (word >> 8) as u32);
    store<u64>(behind, load<u64>(behind - distance));
    output = behind + length + 1;
    input = next + 3;
    word = following;
  } while (--left > 0);
  position = input;
  written = output;
  return most - left;
}

/** The longest literal that is no literal of many bytes begins and ends in so many; what is written of one element in vain, too. */
const STRETCH_MARGIN: usize = 256;

/** Decodes one indexed stretch after the other, of short elements or of pairs that are followed by copies of themselves, until too little of one is such. 0, or a failure. */
function decodeStretches(hasRuns: bool, sourceEnd: usize, target: usize, targetEnd: usize): i32 {
  if (targetEnd - written < INDEX_BYTES + 2 * STRETCH_MARGIN) return 0;
  // The index lies where the output is written last.
  const index = targetEnd - INDEX_BYTES;
  const outputStop = index - STRETCH_MARGIN;
  while (sourceEnd - position >= STRETCH_BYTES + INDEX_READS_BEHIND && written < outputStop) {
    if (hasRuns) indexRuns(position, index);
    else indexSteps(position, index);
    const toIndex = index - position;
    const stop = position + STRETCH_BYTES;
    let paired: usize = 0;
    let others: usize = 0;
    for (;;) {
      const reached = hasRuns
        ? decodeIndexedRuns(position, written, target, toIndex, stop, outputStop)
        : decodeIndexedSteps(position, written, target, toIndex, stop, outputStop);
      paired += ((reached >> 32) as usize) - written;
      position = reached as usize;
      written = (reached >> 32) as usize;
      if (position >= stop || written >= outputStop) break;
      others++;
      const status = decodeOther(sourceEnd, target, targetEnd);
      if (status < 0) return status;
      if (position >= stop || written >= outputStop) break;
    }
    if (paired < others * LEAST_BYTES) break;
  }
  return 0;
}

/** Bytes that they make in a stretch for each of its other elements. */
const LEAST_BYTES: usize = 32;

/** Whether the element is a copy over a distance of 8. */
@inline
function isRepeat(at: usize): bool {
  const word = load<u32>(at);
  return (word & 0xffe3) == 0x0801 || (word & 0xffff03) == 0x0802;
}

/** Decodes what is no pair: a copy, or a literal and what comes after it. 0, or a failure. */
function decodeOther(sourceEnd: usize, target: usize, targetEnd: usize): i32 {
  const tag: usize = load<u8>(position);
  const stop = min(position + ((tag & 3) != 0 ? 1 : (tag >> 2) + 3), sourceEnd);
  return decodeElements(stop, sourceEnd, target, targetEnd);
}

/** Decodes elements of any kind, as long as they begin before `stop`. 0, or a failure. */
function decodeElements(stop: usize, sourceEnd: usize, target: usize, targetEnd: usize): i32 {
  let input = position;
  let output = written;
  while (input < stop) {
    const tag: u32 = load<u8>(input++);
    const kind = tag & 3;
    if (kind == 0) {
      let length: u32 = tag >> 2;
      if (length >= 60) {
        const bytes = length - 59;
        if (bytes > ((sourceEnd - input) as u32)) return fail(TRUNCATED, input);
        length = load<u32>(input) & ((0xffffffff as u32) >> ((4 - bytes) << 3));
        input += bytes;
      }
      // length is one less than the literal's, so that it cannot overflow.
      if (length >= ((sourceEnd - input) as u32)) return fail(TRUNCATED, input);
      if (length >= ((targetEnd - output) as u32)) return fail(WRONG_LENGTH, input);
      length++;
      copyLiteral(output, input, length);
      input += length;
      output += length;
      continue;
    }
    let length: u32;
    let distance: u32;
    if (kind != 3) {
      // Short and long distances alternate without a pattern, so there is no branch between them.
      if (kind > ((sourceEnd - input) as u32)) return fail(TRUNCATED, input);
      const word: u32 = load<u16>(input);
      const isShort = kind == 1;
      length = select<u32>(4 + ((tag >> 2) & 7), (tag >> 2) + 1, isShort);
      distance = select<u32>(((tag >> 5) << 8) | (word & 0xff), word, isShort);
      input += kind;
    } else {
      if (sourceEnd - input < 4) return fail(TRUNCATED, input);
      length = (tag >> 2) + 1;
      distance = load<u32>(input);
      input += 4;
    }
    if (distance - 1 >= ((output - target) as u32)) return fail(OUT_OF_BOUNDS, input);
    if (length > ((targetEnd - output) as u32)) return fail(WRONG_LENGTH, input);
    copyMatch(output, distance, length);
    output += length;
  }
  position = input;
  written = output;
  return 0;
}
