/** Numbers of a block of DELTA_BINARY_PACKED and of its miniblocks, as the library cuts them; four miniblocks make a block. */
const blockShape = { 4: { block: 128, miniblock: 32 }, 8: { block: 256, miniblock: 64 } } as const;

const BLOCK_HEADER_BYTES = 10;

/** Bits of a number from 0 up; of one above 2^53 about. */
const bitsOf = (value: number): number => {
  if (value < 2 ** 32) return 32 - Math.clz32(value);
  return Math.floor(Math.log2(value)) + 1;
};

/** About how many bytes the integers take as DELTA_BINARY_PACKED. */
export const deltaBytes = (values: Float64Array, bytes: 4 | 8): number => {
  const { block, miniblock } = blockShape[bytes];
  let total = 0;
  for (let start = 1; start < values.length; start += block) {
    const end = Math.min(values.length, start + block);
    let least = Number.POSITIVE_INFINITY;
    for (let i = start; i < end; i++) least = Math.min(least, values[i]! - values[i - 1]!);
    total += BLOCK_HEADER_BYTES;
    for (let from = start; from < end; from += miniblock) {
      const to = Math.min(end, from + miniblock);
      let widest = 0;
      for (let i = from; i < to; i++) widest = Math.max(widest, values[i]! - values[i - 1]! - least);
      total += (Math.min(bytes * 8, bitsOf(widest)) * miniblock) / 8;
    }
  }
  return total;
};

/** About how many bytes the numbers take as codes into a dictionary, with that; Infinity once it is known to be more than `limit`. */
export const dictionaryBytes = (values: Float64Array, bytes: 4 | 8, limit: number): number => {
  const distinct = countDistinct(values, Math.floor(limit / bytes));
  if (distinct === undefined) return Number.POSITIVE_INFINITY;
  const bits = bitsOf(Math.max(0, distinct - 1));
  const packed = (values.length * bits) / 8;
  // A run has a header of one byte or two.
  const repeated = countRuns(values) * (2 + Math.ceil(bits / 8));
  return distinct * bytes + Math.min(packed, repeated);
};

const countRuns = (values: Float64Array): number => {
  let runs = 0;
  for (let i = 0; i < values.length; i++) if (i === 0 || values[i] !== values[i - 1]) runs++;
  return runs;
};

/** How many different numbers there are; undefined if more than `limit`. Open addressing over the numbers' bits. */
const countDistinct = (values: Float64Array, limit: number): number | undefined => {
  const words = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  const most = Math.min(values.length, limit);
  const mask = 2 ** Math.ceil(Math.log2(2 * most + 2)) - 1;
  /** One more than the index of a value; 0 where there is none. */
  const slots = new Int32Array(mask + 1);
  let distinct = 0;
  for (let i = 0; i < values.length; i++) {
    const low = words[2 * i]!;
    const high = words[2 * i + 1]!;
    let slot = Math.imul(low ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1);
    slot = (slot ^ (slot >>> 15)) & mask;
    for (;;) {
      const found = slots[slot]!;
      if (found === 0) {
        if (distinct === most) return undefined;
        distinct++;
        slots[slot] = i + 1;
        break;
      }
      if (words[2 * found - 2] === low && words[2 * found - 1] === high) break;
      slot = (slot + 1) & mask;
    }
  }
  return distinct;
};
