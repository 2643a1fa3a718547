// Snappy is decoded fast where it is known ahead how far each element leads. So the input is indexed stretch by stretch: lengths are made for
// every byte, as if an element began at it, 16 at once.

/** Bytes of input that are indexed at once. */
export const STRETCH_BYTES: usize = 1024;

/** What begins in the stretch may be followed by what begins as far behind it. */
export const BEHIND: usize = 16;

/** Of a stretch: two bytes per byte of input, in two tables. */
export const INDEX_BYTES: usize = 2 * (STRETCH_BYTES + BEHIND);

/** How far behind the stretch input is read. */
export const INDEX_READS_BEHIND: usize = 64;

/** Of each byte, what `lengths` says of the one that lies `distances` behind it; `following` are the next 16 lengths. */
@inline
export function lengthsAt(distances: v128, lengths: v128, following: v128): v128 {
  const lanes = i8x16.add(distances, i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
  // Lanes of the other vector are out of range, and 0.
  return v128.or(i8x16.swizzle(lengths, lanes), i8x16.swizzle(following, i8x16.sub(lanes, i8x16.splat(16))));
}
