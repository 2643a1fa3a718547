// Snappy's raw format (https://github.com/google/snappy/blob/main/format_description.txt) and the copies it shares with
// LZ4. Sources and targets have PADDING readable and writable bytes behind their end (src/parquet/slab-pool.ts).
import { BAD_HEADER, fail, OUT_OF_BOUNDS, TRUNCATED, WRONG_LENGTH } from "./failure";

/** For each distance below 16, the bytes 0 … distance - 1 repeated. */
const REPEAT = memory.data<u8>([
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1,
  0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0,
  0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3,
  0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0,
  0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5, 0, 1, 2, 3,
  0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4, 5, 6, 0, 1,
  0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 3, 4, 5, 6,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 1, 2, 3, 4,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0, 1, 2, 3,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0, 1, 2,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 0, 1,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0,
]);

// Copies of any length up to 16, and of any up to 64, take the same instructions: a mispredicted branch costs more than
// bytes that are copied in vain. So up to 63 bytes behind the end are written too.

/** The ranges do not overlap. */
@inline
export function copyLiteral(target: usize, source: usize, length: u32): void {
  v128.store(target, v128.load(source));
  if (length > 16) {
    v128.store(target, v128.load(source, 16), 16);
    v128.store(target, v128.load(source, 32), 32);
    v128.store(target, v128.load(source, 48), 48);
    for (let done: usize = 64; done < length; done += 16) v128.store(target + done, v128.load(source + done));
  }
}

/** Repeats the `distance` bytes before `target`. */
@inline
export function copyMatch(target: usize, distance: u32, length: u32): void {
  const source = target - distance;
  if (distance >= 16) {
    v128.store(target, v128.load(source));
    if (length > 16) {
      v128.store(target, v128.load(source, 16), 16);
      v128.store(target, v128.load(source, 32), 32);
      v128.store(target, v128.load(source, 48), 48);
      for (let done: usize = 64; done < length; done += 16) v128.store(target + done, v128.load(source + done));
    }
  } else {
    const pattern = i8x16.swizzle(v128.load(source), v128.load(REPEAT + (distance << 4)));
    const step: usize = 16 - (16 % distance);
    for (let done: usize = 0; done < length; done += step) v128.store(target + done, pattern);
  }
}

/** Decompresses exactly `targetLength` bytes. 0, or a failure. */
export function snappyDecompress(source: usize, sourceLength: u32, target: usize, targetLength: u32): i32 {
  const sourceEnd = source + sourceLength;
  const targetEnd = target + targetLength;
  let input = source;
  let output = target;

  let announced: u64 = 0;
  for (let shift: u64 = 0; ; shift += 7) {
    if (input >= sourceEnd) return fail(TRUNCATED, input);
    if (shift > 28) return fail(BAD_HEADER, input);
    const byte: u64 = load<u8>(input++);
    announced |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  if (announced != targetLength) return fail(WRONG_LENGTH, source);

  while (input < sourceEnd) {
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
    // 0 wraps around and is too large as well.
    if (distance - 1 >= ((output - target) as u32)) return fail(OUT_OF_BOUNDS, input);
    if (length > ((targetEnd - output) as u32)) return fail(WRONG_LENGTH, input);
    copyMatch(output, distance, length);
    output += length;
  }
  return output == targetEnd ? 0 : fail(WRONG_LENGTH, input);
}
