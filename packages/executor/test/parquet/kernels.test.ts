import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { createHeap, type Heap } from "../../src/memory/heap.ts";
import { HYBRID_STATE_BYTES, type ParquetKernels } from "../../src/parquet/kernels.ts";
import { pack, pieces, varint } from "./encode-delta.ts";

let heap: Heap;
let kernels: ParquetKernels;
/** A megabyte each: encoded bytes, decoded values, a state. */
let input: number;
let output: number;
let state: number;

beforeAll(() => {
  heap = createHeap(64 << 20);
  kernels = heap.kernels as ParquetKernels;
  input = kernels.slabAllocate(0, 1 << 20) >>> 0;
  output = kernels.slabAllocate(0, 1 << 20) >>> 0;
  state = kernels.slabAllocate(0, HYBRID_STATE_BYTES) >>> 0;
});

const put = (bytes: readonly number[] | Uint8Array): number => {
  heap.memory.bytes.set(bytes, input);
  return input + bytes.length;
};
interface Run {
  readonly kind: "repeat" | "pack";
  readonly groups: number;
  readonly seed: number;
}
const runs = fc.array(
  fc.record({
    kind: fc.constantFrom("repeat" as const, "pack" as const),
    groups: fc.integer({ min: 1, max: 12 }),
    seed: fc.nat(),
  }),
  { minLength: 1, maxLength: 8 },
);
const sampleValue = (seed: number, i: number, width: number): bigint =>
  ((BigInt(seed) * 0x9e3779b97f4a7c15n + BigInt(i) * 0xbf58476d1ce4e5b9n) >> 7n) & ((1n << BigInt(width)) - 1n);

const encodeRuns = (all: readonly Run[], width: number): { readonly bytes: number[]; readonly values: bigint[] } => {
  const bytes: number[] = [];
  const values: bigint[] = [];
  for (const { kind, groups, seed } of all) {
    if (kind === "repeat") {
      const value = sampleValue(seed, 0, width);
      const count = groups * 5;
      bytes.push(...varint(BigInt(count) << 1n), ...pack([value], Math.ceil(width / 8) * 8));
      values.push(...new Array<bigint>(count).fill(value));
    } else {
      const own = Array.from({ length: groups * 8 }, (_, i) => sampleValue(seed, i, width));
      bytes.push(...varint((BigInt(groups) << 1n) | 1n), ...pack(own, width));
      values.push(...own);
    }
  }
  return { bytes, values };
};

describe("the RLE/bit-packing hybrid", () => {
  it.each(Array.from({ length: 33 }, (_, width) => width))("of width %i, read and skipped in pieces", (width) => {
    fc.assert(
      fc.property(runs, fc.array(fc.nat(), { maxLength: 6 }), fc.nat(), (all, cuts, skips) => {
        const { bytes, values } = encodeRuns(all, width);
        kernels.hybridStart(state, input, put(bytes), width);
        let row = 0;
        pieces(values.length, cuts).forEach((count, i) => {
          if ((skips >> i) & 1) expect(kernels.hybridSkip(state, count)).toBe(0);
          else {
            expect(kernels.hybridRead(state, output, count)).toBe(0);
            const read = Array.from({ length: count }, (_, k) =>
              BigInt(heap.memory.view.getUint32(output + k * 4, true)),
            );
            expect(read).toEqual(values.slice(row, row + count));
          }
          row += count;
        });
        if (width > 0) expect(kernels.hybridRead(state, output, 1)).toBe(-1);
      }),
      { numRuns: 40 },
    );
  });

  it("of levels, to bytes, with their number", () => {
    fc.assert(
      fc.property(runs, fc.array(fc.nat(), { maxLength: 6 }), fc.nat(), (all, cuts, skips) => {
        const { bytes, values } = encodeRuns(all, 1);
        kernels.hybridStart(state, input, put(bytes), 1);
        let row = 0;
        pieces(values.length, cuts).forEach((count, i) => {
          const own = values.slice(row, row + count).map(Number);
          const ones = own.reduce((sum, one) => sum + one, 0);
          if ((skips >> i) & 1) expect(kernels.hybridSkipBits(state, count)).toBe(ones);
          else {
            expect(kernels.hybridReadBits(state, output, count)).toBe(ones);
            expect([...heap.memory.bytes.subarray(output, output + count)]).toEqual(own);
          }
          row += count;
        });
      }),
      { numRuns: 200 },
    );
  });
});

describe("decompression", () => {
  /** Literals and copies, as bytes of each format and as what they mean. */
  type Operation = { literal: Uint8Array } | { distance: number; length: number };
  const literal = (maxLength: number) => fc.record({ literal: fc.uint8Array({ minLength: 1, maxLength }) });
  const copy = (maxDistance: number, maxLength: number) =>
    fc.record({ distance: fc.integer({ min: 1, max: maxDistance }), length: fc.integer({ min: 4, max: maxLength }) });
  const mixed = fc.array(fc.oneof(literal(300), copy(3000, 64)), { minLength: 1, maxLength: 60 });
  /** What plain integers are made of: literals of a few bytes, each before a copy. */
  const pairs = fc
    .array(fc.tuple(literal(5), fc.oneof(copy(9, 9), copy(2100, 12), copy(40, 64))), { minLength: 1, maxLength: 200 })
    .map((all): Operation[] => all.flat());
  /** Integers that rise by steps: each is like the one before but for its low bytes. */
  const steps = fc
    .array(
      literal(4).map((low): Operation[] => [low, { distance: 8, length: 8 - low.literal.length }]),
      { minLength: 1, maxLength: 200 },
    )
    .map((all) => [{ literal: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) }, ...all.flat()]);
  const operations = fc.oneof<fc.Arbitrary<Operation[]>[]>(
    mixed,
    pairs,
    steps,
    fc.tuple(pairs, steps, mixed, pairs, steps).map((parts) => parts.flat()),
  );

  const meaning = (all: readonly Operation[]): number[] => {
    const bytes: number[] = [];
    for (const one of all) {
      if ("literal" in one) bytes.push(...one.literal);
      else for (let i = 0; i < one.length; i++) bytes.push(bytes.at(-one.distance)!);
    }
    return bytes;
  };
  /** Makes the distances reach no further back than there is something. */
  const valid = (all: readonly Operation[]): Operation[] => {
    let size = 0;
    const kept: Operation[] = [];
    for (const one of all) {
      if ("literal" in one) {
        kept.push(one);
        size += one.literal.length;
      } else if (size > 0) {
        kept.push({ distance: ((one.distance - 1) % size) + 1, length: one.length });
        size += one.length;
      }
    }
    return kept;
  };

  const snappy = (all: readonly Operation[], length: number): number[] => {
    const bytes = varint(BigInt(length));
    for (const one of all) {
      if ("literal" in one) {
        const last = one.literal.length - 1;
        if (last < 60) bytes.push(last << 2);
        else if (last < 256) bytes.push(60 << 2, last);
        else bytes.push(61 << 2, last & 255, last >> 8);
        bytes.push(...one.literal);
      } else if (one.length <= 11 && one.distance < 2048) {
        bytes.push(1 | ((one.length - 4) << 2) | ((one.distance >> 8) << 5), one.distance & 255);
      } else if (one.distance % 3 === 0) {
        bytes.push(3 | ((one.length - 1) << 2), one.distance & 255, one.distance >> 8, 0, 0);
      } else bytes.push(2 | ((one.length - 1) << 2), one.distance & 255, one.distance >> 8);
    }
    return bytes;
  };

  const lz4Length = (length: number): number[] => {
    const bytes: number[] = [];
    let rest = length - 15;
    for (; rest >= 255; rest -= 255) bytes.push(255);
    return [...bytes, rest];
  };
  const lz4 = (all: readonly Operation[]): number[] => {
    const bytes: number[] = [];
    let literals: number[] = [];
    const sequence = (match?: { distance: number; length: number }): void => {
      const matchLength = match === undefined ? 0 : match.length - 4;
      bytes.push((Math.min(15, literals.length) << 4) | Math.min(15, matchLength));
      if (literals.length >= 15) bytes.push(...lz4Length(literals.length));
      bytes.push(...literals);
      literals = [];
      if (match === undefined) return;
      bytes.push(match.distance & 255, match.distance >> 8);
      if (matchLength >= 15) bytes.push(...lz4Length(matchLength));
    };
    for (const one of all) {
      if ("literal" in one) literals.push(...one.literal);
      else sequence(one);
    }
    sequence();
    return bytes;
  };

  it.each(["snappy", "lz4"] as const)("%s gives what its operations mean, and refuses anything shorter", (codec) => {
    const run = (bytes: readonly number[], length: number): number => {
      const end = put(bytes);
      return codec === "snappy"
        ? kernels.snappyDecompress(input, end - input, output, length)
        : kernels.lz4Decompress(input, end - input, output, length);
    };
    fc.assert(
      fc.property(operations, fc.nat(), (all, cut) => {
        const kept = valid(all);
        const expected = meaning(kept);
        const bytes = codec === "snappy" ? snappy(kept, expected.length) : lz4(kept);
        const status = run(bytes, expected.length);
        expect(status).toBe(codec === "snappy" ? 0 : expected.length);
        expect(Buffer.from(heap.memory.bytes.subarray(output, output + expected.length))).toEqual(
          Buffer.from(expected),
        );
        if (expected.length === 0) return;
        expect(run(bytes, expected.length - 1)).toBeLessThan(0);
        const short = run(bytes.slice(0, cut % bytes.length), expected.length);
        if (codec === "snappy") expect(short).toBeLessThan(0);
        else expect(short).toBeLessThan(expected.length + 1);
      }),
      { numRuns: 300 },
    );
  });

  it("refuses distances of zero and before the start", () => {
    const run = (...bytes: number[]) => kernels.snappyDecompress(input, put(bytes) - input, output, 5);
    expect(run(5, 0, 7, 1, 0)).toBe(-2);
    expect(run(5, 0, 7, 1, 2)).toBe(-2);
    expect(run(5, 0, 7, 1, 1)).toBe(0);
    // Among pairs of a literal and a copy, far from the end.
    const among = (distance: number): number => {
      const pair = [0, 7, 1 | (3 << 2), 1];
      const wrong = [0, 7, 1 | (3 << 2), distance];
      const bytes = [...varint(800n), ...Array(20).fill(pair), wrong, ...Array(79).fill(pair)].flat();
      return kernels.snappyDecompress(input, put(bytes) - input, output, 800);
    };
    expect(among(161)).toBe(0);
    expect(among(162)).toBe(-2);
    expect(among(0)).toBe(-2);
    expect(kernels.lz4Decompress(input, put([0x10, 7, 0, 0]) - input, output, 5)).toBe(-2);
    expect(kernels.lz4Decompress(input, put([0x10, 7, 2, 0]) - input, output, 5)).toBe(-2);
    expect(kernels.lz4Decompress(input, put([0x10, 7, 1, 0]) - input, output, 5)).toBe(5);
  });
});

describe("rows by number and code", () => {
  const putWords = (words: readonly number[]): void => heap.memory.u32.set(words, input >>> 2);

  it("covers a selection with ranges: near rows share one, and so do all where they are dense", () => {
    const ranges = (rows: readonly number[]): number[][] => {
      putWords(rows);
      const count = kernels.selectionRanges(input, rows.length, 64, output);
      const words = heap.memory.u32.subarray(output >>> 2, (output >>> 2) + 2 * count);
      return Array.from({ length: count }, (_, i) => [...words.subarray(2 * i, 2 * i + 2)]);
    };
    expect(ranges([])).toEqual([]);
    expect(ranges([7])).toEqual([[7, 8]]);
    expect(ranges([3, 67, 132])).toEqual([
      [3, 68],
      [132, 133],
    ]);
    const dense = Array.from({ length: 100 }, (_, i) => i);
    expect(ranges([...dense, 799])).toEqual([[0, 800]]);
    expect(ranges([...dense, 809])).toEqual([
      [0, 100],
      [809, 810],
    ]);
  });

  it("finds a code that the dictionary does not have, wherever it is", () => {
    const codes = fc.uniqueArray(fc.integer({ min: 0, max: 0xffffffff }), { maxLength: 70 });
    fc.assert(
      fc.property(codes, fc.nat(), (all, index) => {
        const limit = all[index % Math.max(1, all.length)] ?? 0;
        // Behind the last one is anything.
        putWords([...all, 0xffffffff, 0xffffffff, 0xffffffff]);
        const status = kernels.checkCodes(input, all.length, limit);
        if (all.every((code) => code < limit)) expect(status).toBe(0);
        else expect(status).toBeLessThan(0);
        const most = Math.max(0, ...all);
        if (most < 0xffffffff) expect(kernels.checkCodes(input, all.length, most + 1)).toBe(0);
      }),
    );
  });

  it("gathers the values of codes, and selects rows by code, of any number", () => {
    const dictionary = Array.from({ length: 40 }, (_, i) => i * 3 + 1);
    const codesOf = fc.array(fc.nat({ max: 39 }), { maxLength: 40 });
    fc.assert(
      fc.property(codesOf, fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }), (all, passes) => {
        const { u32, u64, bytes } = heap.memory;
        const [codes, words, longs, flags] = [input, input + 1024, input + 2048, input + 4096];
        u32.set(all, codes >>> 2);
        u32.set(dictionary, words >>> 2);
        u64.set(dictionary.map(BigInt), longs >>> 3);
        bytes.set(passes.map(Number), flags);
        const expected = all.map((code) => dictionary[code]!);
        kernels.gather4(codes, words, output, 0, all.length);
        expect([...u32.subarray(output >>> 2, (output >>> 2) + all.length)]).toEqual(expected);
        kernels.gather8(codes, longs, output, 0, all.length);
        expect([...u64.subarray(output >>> 3, (output >>> 3) + all.length)]).toEqual(expected.map(BigInt));
        const rows = all.flatMap((code, row) => (passes[code] ? [row] : []));
        const count = kernels.selectByCodes(codes, 0, flags, 0, 0, all.length, output);
        expect([...u32.subarray(output >>> 2, (output >>> 2) + count)]).toEqual(rows);
        // Of every second row, in place.
        const some = all.flatMap((_, row) => (row % 2 === 0 ? [row] : []));
        u32.set(some, output >>> 2);
        const kept = kernels.selectByCodes(codes, 0, flags, 0, output, some.length, output);
        expect([...u32.subarray(output >>> 2, (output >>> 2) + kept)]).toEqual(rows.filter((row) => row % 2 === 0));
      }),
    );
  });
});
