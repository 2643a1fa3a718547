// What is known of Snappy's pairs that make 8 bytes: a literal of 1 to 4 bytes and a copy of the rest from at least 8 bytes back.

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
