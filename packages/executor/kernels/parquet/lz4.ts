// LZ4's block format (https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md).
import { fail, OUT_OF_BOUNDS, TRUNCATED, WRONG_LENGTH } from "./failure";
import { copyLiteral, copyMatch } from "./snappy";

const MIN_MATCH: u32 = 4;

/** Decompresses one block. The number of bytes written, at most `targetCapacity`, or a failure. */
export function lz4Decompress(source: usize, sourceLength: u32, target: usize, targetCapacity: u32): i32 {
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
    if (distance - 1 >= output - target) return fail(OUT_OF_BOUNDS, input);
    if (length > targetEnd - output) return fail(WRONG_LENGTH, input);
    copyMatch(output, distance, length);
    output += length;
  }
  return (output - target) as i32;
}
