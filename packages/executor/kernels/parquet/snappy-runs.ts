// Decodes stretches of Snappy as `snappy-steps.ts` does where values come several times one after the other: a pair, then a copy over a
// distance of 8 that repeats it. Sorted keys are such.
import { BEHIND, lengthsAt, STRETCH_BYTES } from "./snappy-index";
import { distanceOf, elementBytes, isPair, kindAt, pairBytes, valueOf } from "./snappy-pairs";

/** An element's length in the input, by the low bits of its tag, if it is a copy over less than 64 KiB; else 0. */
// biome-ignore format: four kinds of tag in a line
@inline
function copyBytes(tags: v128): v128 {
  const byTag = i8x16(
    0, 2, 3, 0,
    0, 2, 3, 0,
    0, 2, 3, 0,
    0, 2, 3, 0,
  );
  return i8x16.swizzle(byTag, v128.and(tags, i8x16.splat(15)));
}

/**
 * Indexes the stretch that begins at `input`, to `index`: of each byte the kind of pair that would begin at it, and how far that pair and the copy
 * behind it lead, if there is one.
 */
export function indexRuns(input: usize, index: usize): void {
  let tags = v128.load(input);
  let elements = elementBytes(tags);
  let copies = copyBytes(tags);
  for (const end = index + STRETCH_BYTES + BEHIND; index < end; index += 16) {
    tags = v128.load(input, 16);
    const elements1 = elementBytes(tags);
    const copies1 = copyBytes(tags);
    const pairs = i8x16.add(elements, lengthsAt(elements, elements, elements1));
    // Both lengths follow from this sum, so it says the kind. It is at most 15.
    v128.store(index, i16x8.shl(i8x16.add(elements, pairs), 4));
    v128.store(index, i8x16.add(pairs, lengthsAt(pairs, copies, copies1)), STRETCH_BYTES + BEHIND);
    input += 16;
    elements = elements1;
    copies = copies1;
  }
}

/**
 * By the low bits of what comes after a pair: which bits are compared, with what, which make the copy's length, and what is added to it. A
 * literal is no copy, of length 0.
 */
// biome-ignore format: a kind in a line
const REPEATS = memory.data<u32>([
  0x03, 0, 0, 0,
  0xffe3, 0x0801, 7, 4,
  0xffff03, 0x0802, 63, 1,
  0, 1, 0, 0,
]);

/** A copy over a distance of 8 whose length takes more than three bits. */
const LONG_MASK: u32 = 0xffff03;
const LONG_REPEAT: u32 = 0x0802;

/** Writes the value over and over, 80 bytes of it. */
@inline
function storeRun(output: usize, value: u64): void {
  const values = i64x2.splat(value);
  v128.store(output, values);
  v128.store(output, values, 16);
  v128.store(output, values, 32);
  v128.store(output, values, 48);
  v128.store(output, values, 64);
}

/** As `decodeIndexedSteps`, of what `indexRuns` indexed; `outputStop` may be passed by 80 bytes. */
export function decodeIndexedRuns(
  input: usize,
  output: usize,
  target: usize,
  toIndex: usize,
  stop: usize,
  outputStop: usize,
): u64 {
  const farthest = (output - target - 8) as u32;
  let kind = kindAt(input + toIndex);
  let bytes: usize = load<u8>(input + toIndex, STRETCH_BYTES + BEHIND);
  for (;;) {
    const next = input + bytes;
    const nextKind = kindAt(next + toIndex);
    bytes = load<u8>(next + toIndex, STRETCH_BYTES + BEHIND);

    const second = input + pairBytes(kind);
    const word = load<u64>(input);
    if (!isPair(word, kind)) {
      // Where only low bytes differ from the value before, the pair's copy and the one behind it are one.
      const long = ((word >> 16) >> (word << 1)) as u32;
      if (((word as u32) & 0xf3) != 0 || (long & LONG_MASK) != LONG_REPEAT) break;
      storeRun(output, valueOf(word, kind, output - 8));
      output += (((word as u32) >> 2) & 3) + ((long >> 2) & 63) + 2;
      input = second;
      if (input >= stop || output >= outputStop) break;
      kind = kindAt(input + toIndex);
      bytes = load<u8>(input + toIndex, STRETCH_BYTES + BEHIND);
      continue;
    }
    const distance = distanceOf(word, kind);
    if (distance - 8 > farthest) break;
    const copy = load<u32>(second);
    storeRun(output, valueOf(word, kind, output - distance));
    output += 8;
    input = second;

    const repeat = REPEATS + (((copy & 3) << 4) as usize);
    if ((copy & load<u32>(repeat)) != load<u32>(repeat, 4)) break;
    output += ((copy >> 2) & load<u32>(repeat, 8)) + load<u32>(repeat, 12);
    input = next;
    kind = nextKind;
    if (input >= stop) break;
    if (output >= outputStop) break;
  }
  return (input as u64) | ((output as u64) << 32);
}
