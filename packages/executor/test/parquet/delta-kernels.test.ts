import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { createHeap, type Heap } from "../../src/memory/heap.ts";
import { DELTA_STATE_BYTES, type ParquetKernels } from "../../src/parquet/kernels.ts";
import { encodeDelta, pieces } from "./encode-delta.ts";

let heap: Heap;
let kernels: ParquetKernels;
/** A megabyte each: encoded bytes, decoded values; and a state. */
let input: number;
let output: number;
let state: number;

beforeAll(() => {
  heap = createHeap(64 << 20);
  kernels = heap.kernels as ParquetKernels;
  input = kernels.slabAllocate(0, 1 << 20) >>> 0;
  output = kernels.slabAllocate(0, 1 << 20) >>> 0;
  state = kernels.slabAllocate(0, DELTA_STATE_BYTES) >>> 0;
});

const put = (bytes: readonly number[]): number => {
  heap.memory.bytes.set(bytes, input);
  return input + bytes.length;
};

describe("delta-packed integers", () => {
  const int64 = fc.oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.bigInt({ min: -100n, max: 100n }),
    fc.constantFrom(-(2n ** 63n), 2n ** 63n - 1n, 0n),
  );
  const shape = fc.constantFrom([128, 4], [128, 1], [256, 8], [8, 1], [64, 8]);

  it("are read and skipped in pieces, as 64 and 32 bits", () => {
    fc.assert(
      fc.property(
        fc.array(int64, { maxLength: 400 }),
        shape,
        fc.nat({ max: 3 }),
        fc.array(fc.nat(), { maxLength: 6 }),
        fc.nat(),
        (values, [blockSize, miniblocks], extraWidth, cuts, skips) => {
          const end = put([...encodeDelta(values, blockSize!, miniblocks!, extraWidth), 0xab, 0xcd]);
          for (const bytes of [8, 4]) {
            expect(kernels.deltaStart(state, input, end)).toBe(values.length);
            let row = 0;
            pieces(values.length, cuts).forEach((count, i) => {
              const skip = (skips >> i) & 1;
              expect(kernels.deltaRead(state, output, count, skip ? 0 : bytes)).toBe(0);
              for (let k = 0; !skip && k < count; k++) {
                const value = values[row + k]!;
                if (bytes === 8) expect(heap.memory.view.getBigInt64(output + k * 8, true)).toBe(value);
                else expect(heap.memory.view.getInt32(output + k * 4, true)).toBe(Number(BigInt.asIntN(32, value)));
              }
              row += count;
            });
            expect(kernels.deltaEnd(state) >>> 0).toBe(end - 2);
            expect(kernels.deltaRead(state, output, 1, bytes)).toBe(-1);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  const sample = (width: number, i: number): bigint =>
    BigInt.asUintN(width, (BigInt(i) * 0xbf58476d1ce4e5b9n + 0x9e3779b97f4a7c15n) >> 7n);
  /** Numbers of exactly `width` bits at most, of which one is as large as can be. */
  const differences = (width: number, count: number): bigint[] =>
    Array.from({ length: count }, (_, i) => (i === 5 ? (1n << BigInt(width)) - 1n : sample(width, i)));

  it.each(Array.from({ length: 65 }, (_, width) => width))("of %i bits, in the blocks of all writers", (width) => {
    // Around 2^63, so that sums wrap; a least difference below 0, of 0, above 0, beyond 32 bits.
    for (const least of [-1234567n, 0n, 77n, -(2n ** 40n)]) {
      const values = [2n ** 63n - 5n];
      for (const difference of differences(width, 2200))
        values.push(BigInt.asIntN(64, values.at(-1)! + (values.length === 2200 ? 0n : difference) + least));
      for (const [blockSize, miniblocks] of [
        [128, 4],
        [256, 4],
        [2048, 8],
      ] as const) {
        const end = put(encodeDelta(values, blockSize, miniblocks, 0));
        for (const bytes of [8, 4]) {
          expect(kernels.deltaStart(state, input, end)).toBe(values.length);
          let row = 0;
          for (const count of [1, 1024, 3, 0, 40, 777, values.length]) {
            const now = Math.min(count, values.length - row);
            heap.memory.bytes.fill(0x5a, output, output + now * bytes + 8);
            expect(kernels.deltaRead(state, output, now, bytes)).toBe(0);
            const read = heap.memory.bytes.slice(output, output + now * bytes);
            const wanted = BigInt64Array.from(values.slice(row, row + now));
            const low = Int32Array.from(wanted, (value) => Number(BigInt.asIntN(32, value)));
            expect(Buffer.compare(read, new Uint8Array((bytes === 8 ? wanted : low).buffer))).toBe(0);
            // Nothing is written behind the last value.
            expect(heap.memory.view.getBigUint64(output + now * bytes, true)).toBe(0x5a5a5a5a5a5a5a5an);
            row += now;
            // Some are passed over.
            if (count === 777) {
              expect(kernels.deltaRead(state, output, 255, 0)).toBe(0);
              row += 255;
            }
          }
        }
      }
    }
  });

  it("refuse what would lead outside their bytes", () => {
    const values = Array.from({ length: 577 }, (_, i) => sample(21, i));
    const bytes = encodeDelta(values, 256, 4, 0);
    for (let length = 0; length < bytes.length; length++) {
      put(bytes);
      const count = kernels.deltaStart(state, input, input + length);
      if (count < 0) continue;
      expect(count).toBe(577);
      expect(kernels.deltaRead(state, output, count, 8), `${length} bytes`).toBeLessThan(0);
      const at = kernels.decodeFailureAddress() >>> 0;
      expect(at >= input && at <= input + length).toBe(true);
    }
    // A width beyond 64, behind the header and the least difference.
    const wide = [...encodeDelta([0n, 1n], 128, 4, 0)];
    const widths = wide.lastIndexOf(2) + 1;
    expect(wide.slice(widths, widths + 4)).toEqual([0, 0, 0, 0]);
    wide[widths] = 65;
    expect(kernels.deltaStart(state, input, put(wide))).toBe(2);
    expect(kernels.deltaRead(state, output, 2, 8)).toBe(-3);
  });
});
