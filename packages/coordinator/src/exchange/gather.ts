/**
 * Loops that pick rows of a buffer: `to[at + i] = from[rows[first + i]]` for rows `first … end - 1`, positions counted in
 * values. One function for each width, so that each stays a plain loop over one kind of array. Buffers are aligned
 * to 4 bytes, or to the width where it is less; wider values travel as words of 32 bits (doubles would change some NaNs).
 */

export const gather1 = (
  from: Uint8Array,
  rows: Int32Array,
  first: number,
  end: number,
  to: Uint8Array,
  at: number,
): void => {
  for (let i = first; i < end; i++) to[at++] = from[rows[i]!]!;
};

export const gather2 = (
  from: Uint8Array,
  rows: Int32Array,
  first: number,
  end: number,
  to: Uint8Array,
  at: number,
): void => {
  const source = new Uint16Array(from.buffer, from.byteOffset, from.length >> 1);
  const target = new Uint16Array(to.buffer, to.byteOffset, to.length >> 1);
  for (let i = first; i < end; i++) target[at++] = source[rows[i]!]!;
};

const words = (bytes: Uint8Array): Uint32Array => new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);

export const gather4 = (
  from: Uint8Array,
  rows: Int32Array,
  first: number,
  end: number,
  to: Uint8Array,
  at: number,
): void => {
  const [source, target] = [words(from), words(to)];
  for (let i = first; i < end; i++) target[at++] = source[rows[i]!]!;
};

export const gather8 = (
  from: Uint8Array,
  rows: Int32Array,
  first: number,
  end: number,
  to: Uint8Array,
  at: number,
): void => {
  const [source, target] = [words(from), words(to)];
  let next = 2 * at;
  for (let i = first; i < end; i++) {
    const row = 2 * rows[i]!;
    target[next] = source[row]!;
    target[next + 1] = source[row + 1]!;
    next += 2;
  }
};

export const gather16 = (
  from: Uint8Array,
  rows: Int32Array,
  first: number,
  end: number,
  to: Uint8Array,
  at: number,
): void => {
  const [source, target] = [words(from), words(to)];
  let next = 4 * at;
  for (let i = first; i < end; i++) {
    const row = 4 * rows[i]!;
    target[next] = source[row]!;
    target[next + 1] = source[row + 1]!;
    target[next + 2] = source[row + 2]!;
    target[next + 3] = source[row + 3]!;
    next += 4;
  }
};

/** Bits to bytes of 0 and 1; how many are 1. */
export const gatherBits = (
  bits: Uint8Array,
  rows: Int32Array,
  first: number,
  end: number,
  to: Uint8Array,
  at: number,
): number => {
  let ones = 0;
  for (let i = first; i < end; i++) {
    const row = rows[i]!;
    const bit = (bits[row >> 3]! >> (row & 7)) & 1;
    to[at++] = bit;
    ones += bit;
  }
  return ones;
};

/** Where a call costs less than a loop. */
const LONG_BYTES = 128;

/**
 * Copies strings of rows one behind the other, from `end` on, and their offsets from `count + 1` on; the new end. Short ones go by words of
 * 32 bits, wherever they lie, the last of which may overlap the one before it.
 */
export const gatherStrings = (
  from: Uint8Array,
  starts: Int32Array,
  rows: Int32Array,
  first: number,
  last: number,
  to: Uint8Array,
  offsets: Int32Array,
  count: number,
  end: number,
): number => {
  const source = new DataView(from.buffer, from.byteOffset, from.byteLength);
  const target = new DataView(to.buffer, to.byteOffset, to.byteLength);
  let at = end;
  let next = count;
  for (let i = first; i < last; i++) {
    const start = starts[rows[i]!]!;
    const length = starts[rows[i]! + 1]! - start;
    if (length < 4) {
      for (let k = 0; k < length; k++) to[at + k] = from[start + k]!;
    } else if (length <= LONG_BYTES) {
      const tail = length - 4;
      for (let k = 0; k < tail; k += 4) target.setInt32(at + k, source.getInt32(start + k, true), true);
      target.setInt32(at + tail, source.getInt32(start + tail, true), true);
    } else {
      to.set(from.subarray(start, start + length), at);
    }
    at += length;
    offsets[++next] = at;
  }
  return at;
};
