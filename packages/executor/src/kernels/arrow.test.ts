import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { createHeap, type Heap } from "../memory/heap.ts";

let heap: Heap;
let base: number;
const [VALID, FROM, TO, BYTES] = [0x10000, 0x20000, 0x40000, 0x60000];

beforeAll(() => {
  heap = createHeap(16 << 20);
  base = heap.kernels.slabAllocate(0, 1 << 20) >>> 0;
});

/** Puts validity bytes in memory; their address. */
const validity = (valid: readonly boolean[]): number => {
  heap.memory.bytes.set(
    valid.map((one) => (one ? 1 : 0)),
    base + VALID,
  );
  return base + VALID;
};

/** Puts strings in memory, one after another, and their references; NULLs get a wild one. */
const strings = (values: readonly (string | null)[]): number => {
  const { bytes, view } = heap.memory;
  let end = base + BYTES;
  values.forEach((value, i) => {
    const encoded = new TextEncoder().encode(value ?? "");
    bytes.set(encoded, end);
    view.setUint32(base + FROM + 8 * i, value === null ? 0xfffffff0 : end, true);
    view.setUint32(base + FROM + 8 * i + 4, value === null ? 0xffffffff : encoded.length, true);
    end += encoded.length;
  });
  return base + FROM;
};

const text = (address: number, length: number): string =>
  new TextDecoder().decode(heap.memory.bytes.slice(address, address + length));

describe("kernels between storage and Arrow", () => {
  it("pack bits, count them, and unpack them from any bit on", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 200 }), fc.nat(20), (values, skip) => {
        const { memory, kernels } = heap;
        memory.bytes.fill(0xff, base + TO, base + TO + 64);
        const ones = kernels.packBits(validity(values), values.length, base + TO);
        expect(ones).toBe(values.filter(Boolean).length);
        const bits = memory.bytes.slice(base + TO, base + TO + ((values.length + 7) >> 3));
        values.forEach((value, i) => {
          expect(((bits[i >> 3]! >> (i & 7)) & 1) === 1).toBe(value);
        });
        // No bit beyond the last is set, and no byte beyond the last bits is touched.
        const spare = bits.length * 8 - values.length;
        if (spare > 0) expect(bits.at(-1)! >> (8 - spare)).toBe(0);
        expect(memory.bytes[base + TO + bits.length]).toBe(0xff);

        const first = Math.min(skip, values.length);
        const rest = values.slice(first);
        expect(kernels.bitmapToBytes(base + TO, first, rest.length, base + FROM)).toBe(rest.filter(Boolean).length);
        expect([...memory.bytes.slice(base + FROM, base + FROM + rest.length)]).toEqual(rest.map(Number));
      }),
    );
  });

  it("turn references into offsets and bytes, and back, whatever the lengths, and never look at NULLs", () => {
    const value = fc.option(fc.string({ maxLength: 70, unit: "binary" }), { nil: null });
    fc.assert(
      fc.property(fc.array(value, { maxLength: 50 }), (values) => {
        const { memory, kernels } = heap;
        const references = strings(values);
        const valid = validity(values.map((one) => one !== null));
        const count = values.length;
        const total = values.reduce((sum, one) => sum + Buffer.byteLength(one ?? ""), 0);
        expect(kernels.stringBytes(references, valid, count)).toBe(total);

        const out = base + 0xc0000;
        memory.bytes[out + total] = 0xab;
        kernels.stringsToArrow(references, valid, count, base + TO, out);
        expect(memory.bytes[out + total]).toBe(0xab);
        const offsets = memory.u32.slice((base + TO) >>> 2, ((base + TO) >>> 2) + count + 1);
        expect(offsets[0]).toBe(0);
        values.forEach((one, i) => {
          expect(text(out + offsets[i]!, offsets[i + 1]! - offsets[i]!)).toBe(Buffer.from(one ?? "").toString());
        });

        kernels.stringsFromArrow(base + TO, count, out, references);
        values.forEach((one, i) => {
          const address = memory.view.getUint32(references + 8 * i, true);
          expect(text(address, memory.view.getUint32(references + 8 * i + 4, true))).toBe(
            Buffer.from(one ?? "").toString(),
          );
          expect(address).not.toBe(0);
        });
      }),
      { numRuns: 30 },
    );
  });

  it("keep strings beyond their batch", () => {
    const { memory, kernels } = heap;
    const values = ["gone", "a", null, "", "ünïcödé and more than sixteen bytes of it"];
    const references = strings(values);
    const valid = validity(values.map((one) => one !== null));
    const arena = kernels.slabAllocate(0, 16) >>> 0;
    kernels.arenaInitialize(arena, 0);
    expect(kernels.keepStrings(references, valid, 1, values.length, arena)).toBe(1);
    memory.bytes.fill(0x58, base + BYTES, base + BYTES + 200);
    const read = values.map((_, i) =>
      i === 2 ? null : text(memory.u32[(references >>> 2) + 2 * i]!, memory.u32[(references >>> 2) + 2 * i + 1]!),
    );
    expect(read).toEqual(["XXXX", "a", null, "", values[4]]);
    kernels.arenaFree(arena);
    kernels.slabFree(0, arena);
  });

  it("reverse UUIDs so that signed order is byte order, and back", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        (a, b) => {
          const { memory, kernels } = heap;
          memory.bytes.set(a, base + FROM);
          memory.bytes.set(b, base + FROM + 16);
          kernels.uuidsFromArrow(base + FROM, 2, base + TO);
          const number = (i: number): bigint =>
            (memory.view.getBigInt64(base + TO + 16 * i + 8, true) << 64n) |
            memory.view.getBigUint64(base + TO + 16 * i, true);
          expect(Math.sign(Number(number(0) - number(1)))).toBe(Buffer.compare(a, b));
          kernels.uuidsToArrow(base + TO, 2, base + FROM);
          expect([...memory.bytes.slice(base + FROM, base + FROM + 32)]).toEqual([...a, ...b]);
        },
      ),
    );
  });

  it("say which conversions lose something", () => {
    const { memory, kernels } = heap;
    const put = (...values: bigint[]): void => memory.i64.set(values, (base + FROM) >>> 3);
    const [from, to] = [base + FROM, base + TO];
    const secondIsNull = validity([true, false]);
    put(5n, 0n, 2n ** 62n, 1n);
    expect(kernels.narrowInt128(from, 0, 2, to)).toBe(0);
    expect(kernels.narrowInt128(from, secondIsNull, 2, to)).toBe(1);
    put(-1n, -1n, 7n, 0n);
    expect(kernels.narrowInt128(from, 0, 2, to)).toBe(1);
    expect([...memory.i64.slice(to >>> 3, (to >>> 3) + 2)]).toEqual([-1n, 7n]);
    const largest = (2n ** 63n - 1n) / 1000n;
    put(largest, -largest);
    expect(kernels.multiplyInt64(from, 0, 2, 1000, to)).toBe(1);
    expect(memory.i64[to >>> 3]).toBe(largest * 1000n);
    put(1n, largest + 1n);
    expect(kernels.multiplyInt64(from, 0, 2, 1000, to)).toBe(0);
    expect(kernels.multiplyInt64(from, secondIsNull, 2, 1000, to)).toBe(1);
    put(largest + 1n, 0n);
    expect(kernels.intervalsToArrow(from, 0, 1, to)).toBe(0);
    put(0n, 1001n);
    expect(kernels.intervalsFromArrow(from, 0, 1, to)).toBe(0);
  });

  it("find the rows of the extremes", () => {
    const { memory, kernels } = heap;
    const rows = (packed: number): number[] => [packed % 2 ** 26, Math.floor(packed / 2 ** 26)];
    memory.i32.set([5, -7, 9, -100], (base + FROM) >>> 2);
    expect(rows(kernels.extremesInt32(base + FROM, 0, 4))).toEqual([3, 2]);
    expect(rows(kernels.extremesInt32(base + FROM, validity([true, true, false, false]), 4))).toEqual([1, 0]);
    expect(kernels.extremesInt32(base + FROM, validity([false, false]), 2)).toBe(-1);
    memory.u64.set([2n ** 63n, 1n, 2n ** 64n - 1n], (base + FROM) >>> 3);
    expect(rows(kernels.extremesUint64(base + FROM, 0, 3))).toEqual([1, 2]);
    expect(rows(kernels.extremesInt64(base + FROM, 0, 3))).toEqual([0, 1]);
    memory.f64.set([1, Number.NaN], (base + FROM) >>> 3);
    expect(kernels.extremesFloat64(base + FROM, 0, 2)).toBe(-1);
    expect(rows(kernels.extremesFloat64(base + FROM, 0, 1))).toEqual([0, 0]);
  });
});
