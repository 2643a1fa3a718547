// Decodes stretches of Snappy in which nearly all elements are short: a literal of 1 to 4 bytes and a copy of a few more, or a copy alone. Plain
// 64-bit integers are such: their low bytes differ, their high bytes were seen before.
//
// Where a step begins is known when the length of the one before is, so that decoding them one by one waits for the bytes of each. Here
// lengths are made for every byte of a stretch, as if a step began at it, 16 at once; then one load leads to the next step. What the lengths
// say of bytes that are no step does not matter: such have a distance of 0, and no step counts whose distance is less than 8.

import { SHORT_COPIES } from "./short-copies";
import { BEHIND, lengthsAt, STRETCH_BYTES } from "./snappy-index";

/** The length in the input of a short literal, by its tag; 0 for all other tags. */
@inline
function literalBytes(tags: v128): v128 {
  return i8x16.swizzle(i8x16(2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0), tags);
}

/** A copy's length in the input, by its tag, if its distance takes one byte or two. */
@inline
function copyBytes(tags: v128): v128 {
  return i8x16.add(v128.and(tags, i8x16.splat(3)), i8x16.splat(1));
}

/** Indexes the stretch that begins at `input`, to `index`: the lengths of literals, then those of steps. */
export function indexSteps(input: usize, index: usize): void {
  let tags = v128.load(input);
  let copies = copyBytes(tags);
  for (const end = index + STRETCH_BYTES + BEHIND; index < end; index += 16) {
    const literals = literalBytes(tags);
    tags = v128.load(input, 16);
    const copies1 = copyBytes(tags);
    v128.store(index, literals);
    v128.store(index, i8x16.add(literals, lengthsAt(literals, copies, copies1)), STRETCH_BYTES + BEHIND);
    input += 16;
    copies = copies1;
  }
}

/** By a literal's length in the input, 0 or 2 to 5, in 16 bytes each: which bits of the step's first 8 bytes are the copy's; how many bytes are not. */
// biome-ignore format: a length in a line
const LITERALS = memory.data<u64>([
  0xffffffff_ffffffff, 0,
  0, 0,
  0xffffffff_ffffff00, 1,
  0xffffffff_ffff0000, 2,
  0xffffffff_ff000000, 3,
  0xffffffff_00000000, 4,
]);

/**
 * Decodes steps from `input` on, as long as they begin before `stop` and are written before `outputStop`, which one of them may pass. `toIndex`:
 * from the stretch to its index. Eight bytes at least are written already, from `target` on; up to 16 are written behind the last step. Returns
 * where it came to: in the input, and above that in the output.
 */
export function decodeIndexedSteps(
  input: usize,
  output: usize,
  target: usize,
  toIndex: usize,
  stop: usize,
  outputStop: usize,
): u64 {
  const farthest = (output - target - 8) as u32;
  const end = stop + toIndex;
  let at = input + toIndex;
  let literal: usize = load<u8>(at);
  let step: usize = load<u8>(at, STRETCH_BYTES + BEHIND);
  for (;;) {
    // What leads to the next step comes first: all else waits for it.
    const from = at - toIndex;
    const next = at + step;
    const nextLiteral: usize = load<u8>(next);
    step = load<u8>(next, STRETCH_BYTES + BEHIND);

    const tag = from + literal;
    const copy = load<u64>(SHORT_COPIES + ((load<u8>(tag) as usize) << 3));
    const distance = ((load<u16>(tag, 1) as u32) & (copy as u32)) | ((copy as u32) >> 16);
    if (distance - 8 > farthest) break;
    const seen = output - distance;
    const bytes = load<u64>(from, 1);
    const known = LITERALS + (literal << 4);
    // Eight bytes are stored whole, so that later copies of them find them in one piece.
    store<u64>(output, bytes ^ ((bytes ^ load<u64>(seen)) & load<u64>(known)));
    store<u64>(output, load<u64>(seen, 8), 8);
    output += ((copy >> 32) as usize) + load<u32>(known, 8);
    at = next;
    literal = nextLiteral;
    if (at >= end) break;
    if (output >= outputStop) break;
  }
  return ((at - toIndex) as u64) | ((output as u64) << 32);
}
