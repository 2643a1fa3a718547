// The copies of which Snappy, LZ4 and Zstandard are made. Sources and targets have PADDING readable and writable bytes behind their end
// (src/parquet/slab-pool.ts).

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

/** For each distance below 16, the largest of its multiples that is at most 16: so many bytes of the above are whole repeats. */
const REPEATED = memory.data<u8>([0, 16, 16, 15, 16, 15, 12, 14, 16, 9, 10, 11, 12, 13, 14, 15]);

// Copies of any length up to 16, and of any up to 64, take the same instructions, as do short repeats: a mispredicted branch costs
// more than bytes that are copied in vain. So up to 63 bytes behind the end are written too.

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
    const step: usize = load<u8>(REPEATED + distance);
    v128.store(target, pattern);
    v128.store(target + step, pattern);
    v128.store(target + 2 * step, pattern);
    v128.store(target + 3 * step, pattern);
    for (let done = step << 2; done < length; done += step) v128.store(target + done, pattern);
  }
}
