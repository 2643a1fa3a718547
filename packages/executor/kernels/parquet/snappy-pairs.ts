// Decodes stretches of Snappy in which nearly all elements come in pairs that make 8 bytes: a literal of 1 to 4 bytes and a copy of the
// rest from at least 8 bytes back. Plain 64-bit integers are such: their low bytes differ, their high bytes were seen before.
//
// Where a pair begins is known when the length of the one before is, so that decoding them one by one waits for the bytes of each. Here
// lengths are made for every byte of a stretch, as if a pair began at it, 16 at once; then one load leads past two pairs. What the lengths
// say of bytes that are no pair does not matter: each pair's own bytes are compared before it counts.

/** Bytes of input that are indexed at once. */
export const STRETCH_BYTES: usize = 1024;

/** A pair that begins in the stretch may be followed by one that begins as far behind it. */
export const BEHIND: usize = 16;

/** What `indexPairs` writes: a byte per byte of input that says which kind of pair it would begin, and one for where two pairs would lead. */
export const INDEX_BYTES: usize = 2 * (STRETCH_BYTES + BEHIND);

/** How far behind the stretch `indexPairs` and `decodeIndexedPairs` read. */
export const INDEX_READS_BEHIND: usize = 64;

/** An element's length in the input, by the low bits of its tag, if it is a copy or a literal of at most 4 bytes. */
// biome-ignore format: four kinds of tag in a line
@inline
export function elementBytes(tags: v128): v128 {
  const byTag = i8x16(
    2, 2, 3, 5,
    3, 2, 3, 5,
    4, 2, 3, 5,
    5, 2, 3, 5,
  );
  return i8x16.swizzle(byTag, v128.and(tags, i8x16.splat(15)));
}

/** Of each byte, what `lengths` says of the one that lies `distances` behind it; `following` are the next 16 lengths. */
@inline
export function lengthsAt(distances: v128, lengths: v128, following: v128): v128 {
  const lanes = i8x16.add(distances, i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
  // Lanes of the other vector are out of range, and 0.
  return v128.or(i8x16.swizzle(lengths, lanes), i8x16.swizzle(following, i8x16.sub(lanes, i8x16.splat(16))));
}

/** Indexes the stretch that begins at `input`, to `index`. */
export function indexPairs(input: usize, index: usize): void {
  let elements = elementBytes(v128.load(input));
  let elements1 = elementBytes(v128.load(input, 16));
  let pairs = i8x16.add(elements, lengthsAt(elements, elements, elements1));
  for (const end = index + STRETCH_BYTES + BEHIND; index < end; index += 16) {
    const elements2 = elementBytes(v128.load(input, 32));
    const pairs1 = i8x16.add(elements1, lengthsAt(elements1, elements1, elements2));
    // Both lengths follow from this sum, so it says the kind. It is at most 15.
    v128.store(index, i16x8.shl(i8x16.add(elements, pairs), 4));
    v128.store(index, i8x16.add(pairs, lengthsAt(pairs, pairs, pairs1)), STRETCH_BYTES + BEHIND);
    input += 16;
    elements = elements1;
    elements1 = elements2;
    pairs = pairs1;
  }
}

/**
 * What is known of a pair by its kind, in three tables of 16 bytes for each. Kinds are by literal, 1 to 4 bytes, and by copy, whose distance
 * takes one byte more or two; the last two are none and match nothing.
 */
// biome-ignore format: a kind in a line
const KINDS = memory.data<u64>([
  // Which bits of its first 8 bytes are the tags', and what they are.
  0x00000000_001f00ff, 0x00000000_000d0000,
  0x00000000_00ff00ff, 0x00000000_001a0000,
  0x00000000_1f0000ff, 0x00000000_09000004,
  0x00000000_ff0000ff, 0x00000000_16000004,
  0x0000001f_000000ff, 0x00000005_00000008,
  0x000000ff_000000ff, 0x00000012_00000008,
  0x00001f00_000000ff, 0x00000100_0000000c,
  0x0000ff00_000000ff, 0x00000e00_0000000c,
  0, 1,
  0, 1,
  // Which bits of the 8 bytes are the copy's, and the bit at which the copy's tag begins.
  0xffffffff_ffffff00, 16,
  0xffffffff_ffffff00, 16,
  0xffffffff_ffff0000, 24,
  0xffffffff_ffff0000, 24,
  0xffffffff_ff000000, 32,
  0xffffffff_ff000000, 32,
  0xffffffff_00000000, 40,
  0xffffffff_00000000, 40,
  0, 0,
  0, 0,
  // The distance's bits behind the tag; above them those in the tag, 3 to the left. Then the pair's length in the input.
  0x00000700_000000ff, 4,
  0x00000000_0000ffff, 5,
  0x00000700_000000ff, 5,
  0x00000000_0000ffff, 6,
  0x00000700_000000ff, 6,
  0x00000000_0000ffff, 7,
  0x00000700_000000ff, 7,
  0x00000000_0000ffff, 8,
  0, 0,
  0, 0,
]);
/** The least sum of lengths is 6. */
const FIRST_KIND: usize = 6 * 16;
const COPY: usize = 160;
const DISTANCE: usize = 320;

@inline
export function kindAt(index: usize): usize {
  return KINDS - FIRST_KIND + (load<u8>(index) as usize);
}

/** The pair's length in the input. */
@inline
export function pairBytes(kind: usize): usize {
  return load<u8>(kind, DISTANCE + 8);
}

@inline
export function isPair(word: u64, kind: usize): bool {
  return (word & load<u64>(kind)) == load<u64>(kind, 8);
}

@inline
export function distanceOf(word: u64, kind: usize): u32 {
  const tag = word >> load<u64>(kind, COPY + 8);
  return (((tag >> 8) as u32) & load<u32>(kind, DISTANCE)) | (((tag as u32) << 3) & load<u32>(kind, DISTANCE + 4));
}

/** The 8 bytes of a pair whose copy comes from among those at `seen`. */
@inline
export function valueOf(word: u64, kind: usize, seen: usize): u64 {
  const literal = word >> 8;
  return literal ^ ((literal ^ load<u64>(seen)) & load<u64>(kind, COPY));
}

/**
 * Decodes pairs from `input` on, as long as they begin before `stop` and are written before `outputStop`, which both may be passed by one
 * pair. `toIndex`: from the stretch to its index. Eight bytes at least are written already, from `target` on. Returns where it came to:
 * in the input, and above that in the output.
 */
export function decodeIndexedPairs(
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
    // What leads to the next pairs comes first: all else waits for it.
    const next = input + bytes;
    const nextKind = kindAt(next + toIndex);
    bytes = load<u8>(next + toIndex, STRETCH_BYTES + BEHIND);

    const second = input + pairBytes(kind);
    const secondKind = kindAt(second + toIndex);
    const word = load<u64>(input);
    if (!isPair(word, kind)) break;
    const distance = distanceOf(word, kind);
    if (distance - 8 > farthest) break;
    store<u64>(output, valueOf(word, kind, output - distance));
    output += 8;
    input = second;

    const secondWord = load<u64>(second);
    if (!isPair(secondWord, secondKind)) break;
    const secondDistance = distanceOf(secondWord, secondKind);
    if (secondDistance - 8 > farthest) break;
    store<u64>(output, valueOf(secondWord, secondKind, output - secondDistance));
    output += 8;
    input = next;
    kind = nextKind;
    if (input >= stop) break;
    if (output >= outputStop) break;
  }
  return (input as u64) | ((output as u64) << 32);
}
