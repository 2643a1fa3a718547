// DELTA_BINARY_PACKED, written as plainly as its specification describes it.

/** ULEB128. */
export const varint = (value: bigint): number[] => {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
};
/** Packs from the lowest bit up. */
export const pack = (values: readonly bigint[], width: number): number[] => {
  const bytes: number[] = [];
  let bits = 0n;
  let count = 0;
  for (const value of values) {
    bits |= value << BigInt(count);
    for (count += width; count >= 8; count -= 8) {
      bytes.push(Number(bits & 255n));
      bits >>= 8n;
    }
  }
  if (count > 0) bytes.push(Number(bits));
  return bytes;
};
const zigzag = (value: bigint): bigint => (value >= 0n ? value << 1n : (-value << 1n) - 1n);

/** The encoding as its specification describes it, with all sums modulo 2^64. */
export const encodeDelta = (
  values: readonly bigint[],
  blockSize: number,
  miniblocks: number,
  extraWidth: number,
): number[] => {
  const bytes = [...varint(BigInt(blockSize)), ...varint(BigInt(miniblocks)), ...varint(BigInt(values.length))];
  bytes.push(...varint(zigzag(values[0] ?? 0n)));
  const deltas = values.slice(1).map((value, i) => BigInt.asIntN(64, value - values[i]!));
  const size = blockSize / miniblocks;
  for (let start = 0; start < deltas.length; start += blockSize) {
    const block = deltas.slice(start, start + blockSize);
    let least = block[0]!;
    for (const delta of block) if (delta < least) least = delta;
    const parts = Array.from({ length: miniblocks }, (_, i) =>
      block.slice(i * size, (i + 1) * size).map((delta) => BigInt.asUintN(64, delta - least)),
    );
    const widths = parts.map((part) => {
      const widest = part.reduce((max, value) => Math.max(max, value === 0n ? 0 : value.toString(2).length), 0);
      return Math.min(64, widest + (widest > 0 ? extraWidth : 0));
    });
    bytes.push(...varint(zigzag(least)), ...widths);
    parts.forEach((part, i) => {
      if (part.length > 0)
        bytes.push(...pack([...part, ...new Array<bigint>(size - part.length).fill(0n)], widths[i]!));
    });
  }
  return bytes;
};

/** Numbers of up to `total` that add up to it, to read in pieces. */
export const pieces = (total: number, cuts: readonly number[]): number[] => {
  const ends = [...new Set(cuts.map((cut) => cut % (total + 1))), total].sort((a, b) => a - b);
  return ends.map((end, i) => end - (i === 0 ? 0 : ends[i - 1]!)).filter((length) => length > 0);
};
