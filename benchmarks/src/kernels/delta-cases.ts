import { type KernelCase, randomNumbers } from "./kernel-case.ts";

const VALUES = 65_536;
const STATE_BYTES = 64;
const BATCH_ROWS = 2048;

/** How writers cut their blocks: Arrow and parquet-rs (64 bits), DuckDB. */
const shapes = { "miniblocks of 32": [128, 4], "of 64": [256, 4], "of 256": [2048, 8] } as const;

/** One page of DELTA_BINARY_PACKED: numbers of `width` random bits above a least difference of -1. */
const page = (width: number, [blockValues, miniblocks]: readonly [number, number]): Uint8Array => {
  const bytes = [...leb128(blockValues), ...leb128(miniblocks), ...leb128(VALUES), 0];
  const next = randomNumbers(width + 1);
  for (let value = 1; value < VALUES; value += blockValues) {
    bytes.push(1, ...new Array<number>(miniblocks).fill(width));
    for (let i = 0; i < (blockValues / 8) * width; i++) bytes.push(next() & 0xff);
  }
  return Uint8Array.from(bytes);
};

function* leb128(value: number): Generator<number> {
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) yield (rest & 0x7f) | 0x80;
  yield rest;
}

const delta = (width: number, shape: keyof typeof shapes, bytes: 0 | 4 | 8): KernelCase => ({
  name: `delta, ${width} bits, ${shape}, ${bytes === 0 ? "passed over" : `to ${bytes} bytes`}`,
  prepare: ({ kernel, allocate }) => {
    const encoded = page(width, shapes[shape]);
    const source = allocate(encoded.length);
    source.bytes.set(encoded);
    const state = allocate(STATE_BYTES).address;
    const target = allocate(VALUES * 8).address;
    const [start, read] = [kernel("deltaStart"), kernel("deltaRead")];
    return {
      values: VALUES,
      byteLength: Math.max(VALUES * bytes, encoded.length),
      call: () => {
        start(state, source.address, source.address + encoded.length);
        for (let row = 0; row < VALUES; row += BATCH_ROWS)
          if (read(state, target + row * bytes, BATCH_ROWS, bytes) !== 0)
            throw new Error(`delta, ${width} bits: failed`);
      },
    };
  },
});

export const deltaCases: readonly KernelCase[] = [
  ...[0, 1, 5, 12, 19, 24, 25, 26, 32, 48, 60].map((width) => delta(width, "of 64", 8)),
  ...[5, 24].flatMap((width) => [
    delta(width, "miniblocks of 32", 8),
    delta(width, "of 256", 8),
    delta(width, "miniblocks of 32", 4),
    delta(width, "of 64", 4),
    delta(width, "of 64", 0),
  ]),
];
