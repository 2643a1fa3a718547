import type { EncodedColumn } from "@headcut/executor";
import { type DataType, date, decimal, int32, int64, varchar } from "@headcut/plan";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hasKeySets, KEY_SET_LIMIT_BYTES, type KeySet, keySetBuilder, keySetRows, unitedKeys } from "./key-set.ts";

type Values = readonly (number | null)[];

const isWide = (type: DataType): boolean => type.kind !== "int32" && type.kind !== "date";

/** Values as they travel, some bytes into their buffer. */
const columnOf = (values: Values, type: DataType, offset = 0): EncodedColumn => {
  const width = isWide(type) ? 8 : 4;
  const bytes = new Uint8Array(offset + width * values.length);
  const view = new DataView(bytes.buffer);
  const validity = new Uint8Array((values.length + 7) >> 3);
  values.forEach((value, i) => {
    if (value !== null) validity[i >> 3]! |= 1 << (i & 7);
    if (width === 8) view.setBigInt64(offset + 8 * i, BigInt(value ?? 7), true);
    else view.setInt32(offset + 4 * i, value ?? 7, true);
  });
  const nullCount = values.filter((value) => value === null).length;
  return {
    nullCount,
    validity: nullCount > 0 ? validity : undefined,
    offsets: undefined,
    values: bytes.subarray(offset),
  };
};

const setOf = (values: Values, type: DataType, offset = 0): KeySet | undefined => {
  const builder = keySetBuilder(type);
  builder.add(columnOf(values, type, offset), values.length);
  return builder.finish();
};

const valuesOf = (set: KeySet | undefined, type: DataType): number[] | undefined => {
  if (set === undefined) return undefined;
  const { rowCount, columns } = keySetRows(set, type);
  const { values } = columns[0]!;
  const view = new DataView(values.buffer);
  return Array.from({ length: rowCount }, (_, i) =>
    isWide(type) ? Number(view.getBigInt64(8 * i, true)) : view.getInt32(4 * i, true),
  );
};

const distinct = (...lists: readonly Values[]): number[] =>
  [...new Set(lists.flat().filter((value) => value !== null))].sort((a, b) => a - b);

const run = (from: number, count: number, step = 1): number[] =>
  Array.from({ length: count }, (_, i) => from + i * step);

/** Runs of neighbours here and there, some listed and some as bits. */
const values = (type: DataType): fc.Arbitrary<Values> => {
  const limit = isWide(type) ? 2 ** 52 : 2 ** 31 - 200_000;
  const start = fc.oneof(fc.integer({ min: -100_000, max: 100_000 }), fc.integer({ min: -limit, max: limit }));
  const part = fc
    .tuple(start, fc.integer({ min: 0, max: 9000 }), fc.integer({ min: 1, max: 20 }))
    .map(([from, count, step]): Values => run(from, count, step));
  return fc.array(fc.oneof(part, fc.constant([null] as Values)), { maxLength: 4 }).map((parts) => parts.flat());
};

describe("a set of keys", () => {
  test.each([int32, date, int64, decimal(12, 2)])("is what was added, in order: %o", (type) => {
    fc.assert(
      fc.property(values(type), values(type), fc.integer({ min: 0, max: 7 }), (a, b, offset) => {
        expect(valuesOf(setOf(a, type, offset), type)).toEqual(distinct(a));
        expect(valuesOf(unitedKeys([setOf(a, type), setOf(b, type)]), type)).toEqual(distinct(a, b));
      }),
      { numRuns: 60 },
    );
  });

  test("is small where keys are close together", () => {
    expect(setOf(run(1, 150_000), int64)!.length).toBeLessThan(150_000 / 8 + 10_000);
    expect(setOf(run(1, 1000, 7), int64)!.length).toBeLessThan(2100);
    expect(setOf([], int64)!.length).toBe(4);
  });

  test("is not told when it is too large, or its values are too far apart", () => {
    expect(setOf(run(0, 140_000, 500), int64)).toBeUndefined();
    expect(setOf(run(0, 2000, 1e9), int64)).toBeUndefined();
    const [even, odd] = [setOf(run(0, 90_000, 400), int64), setOf(run(200, 90_000, 400), int64)];
    expect(even!.length).toBeLessThan(KEY_SET_LIMIT_BYTES);
    expect(unitedKeys([even, odd])).toBeUndefined();
    expect(unitedKeys([even, undefined])).toBeUndefined();
    expect(valuesOf(unitedKeys([]), int64)).toEqual([]);
  });

  test("is of whole numbers", () => {
    expect([int32, int64, date, decimal(18, 4)].every(hasKeySets)).toBe(true);
    expect([varchar, decimal(19, 0), { kind: "double" } as const].some(hasKeySets)).toBe(false);
  });
});
