import type { EncodedBatch, EncodedColumn } from "@headcut/executor";
import type { DataType } from "@headcut/plan";
import * as plan from "@headcut/plan";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { batchBuilder } from "../../src/exchange/batch-builder.ts";
import { rowsByPartition } from "../../src/exchange/rows-by-partition.ts";
import { rawRows } from "./raw-rows.ts";

/** A type of each width in Arrow's layout. */
const TYPES: readonly DataType[] = [
  plan.nullType,
  plan.boolean,
  plan.int8,
  plan.uint16,
  plan.float,
  plan.double,
  plan.decimal(30, 2),
  plan.varchar,
];
const WIDTHS = [0, 0, 1, 2, 4, 8, 16, 0];

const bitsOf = (flags: readonly boolean[]): Uint8Array => {
  const bits = new Uint8Array((flags.length + 7) >> 3);
  flags.forEach((flag, i) => {
    if (flag) bits[i >> 3]! |= 1 << (i & 7);
  });
  return bits;
};

const row = fc.record({
  valid: fc.array(fc.boolean(), { minLength: TYPES.length, maxLength: TYPES.length }),
  bytes: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  flag: fc.boolean(),
  text: fc.oneof(fc.string({ maxLength: 20, unit: "binary" }), fc.string({ minLength: 60, maxLength: 200 })),
  partition: fc.nat(3),
});
type GeneratedRow = typeof row extends fc.Arbitrary<infer T> ? T : never;

/** The rows as the executor would encode them; without any NULL in columns of `full`. */
const batchOf = (rows: readonly GeneratedRow[], full: number): EncodedBatch => {
  const columns = TYPES.map((type, i): EncodedColumn => {
    const count = rows.length;
    if (type.kind === "null")
      return { nullCount: count, validity: undefined, offsets: undefined, values: new Uint8Array(0) };
    const valid = rows.map((each) => i < full || each.valid[i]!);
    const nullCount = valid.filter((one) => !one).length;
    const validity = nullCount === 0 ? undefined : bitsOf(valid);
    if (type.kind === "boolean") {
      return { nullCount, validity, offsets: undefined, values: bitsOf(rows.map(({ flag }) => flag)) };
    }
    if (type.kind === "varchar") {
      const texts = rows.map(({ text }, r) => (valid[r]! ? Buffer.from(text) : Buffer.alloc(0)));
      const offsets = new Int32Array(count + 1);
      texts.forEach((text, r) => {
        offsets[r + 1] = offsets[r]! + text.length;
      });
      return { nullCount, validity, offsets, values: new Uint8Array(Buffer.concat(texts)) };
    }
    const values = new Uint8Array(count * WIDTHS[i]!);
    rows.forEach(({ bytes }, r) => {
      values.set(bytes.subarray(0, WIDTHS[i]!), r * WIDTHS[i]!);
    });
    return { nullCount, validity, offsets: undefined, values };
  });
  return { rowCount: rows.length, columns };
};

const columns = TYPES.map((type) => ({ type }));

describe("rows by partition", () => {
  it("has every row once, in order, where it belongs", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(6), { maxLength: 100 }), (partitions) => {
        const { starts, rows } = rowsByPartition(Int32Array.from(partitions), 7);
        expect(starts[0]).toBe(0);
        for (let p = 0; p < 7; p++) {
          const expected = [...partitions.keys()].filter((i) => partitions[i] === p);
          expect([...rows.subarray(starts[p], starts[p + 1])]).toEqual(expected);
        }
      }),
    );
  });
});

describe("a batch builder", () => {
  it("keeps the rows of many batches, bit by bit, over many fillings", () => {
    const batches = fc.array(fc.tuple(fc.array(row, { maxLength: 40 }), fc.nat(TYPES.length), fc.boolean()), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(batches, (all) => {
        const builders = [0, 1, 2, 3].map(() => batchBuilder(columns));
        const made: unknown[][] = [[], [], [], []];
        const expected: unknown[][] = [[], [], [], []];
        const flush = (p: number): void => {
          const batch = builders[p]!.finish();
          if (batch !== undefined) made[p]!.push(...rawRows([batch], columns));
        };
        for (const [rows, full, flushed] of all) {
          const batch = batchOf(rows, full);
          const partitions = rows.map(({ partition }) => partition);
          rawRows([batch], columns).forEach((raw, i) => {
            expected[partitions[i]!]!.push(raw);
          });
          const { starts, rows: order } = rowsByPartition(Int32Array.from(partitions), 4);
          for (let p = 0; p < 4; p++) builders[p]!.append(batch, order, starts[p]!, starts[p + 1]!);
          if (flushed) flush(rows.length % 4);
        }
        for (let p = 0; p < 4; p++) flush(p);
        expect(made).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  it("is full at a megabyte, and gives nothing when it has nothing", () => {
    const builder = batchBuilder([{ type: plan.varchar }]);
    expect(builder.finish()).toBeUndefined();
    const text = new Uint8Array(300_000).fill(65);
    const batch = {
      rowCount: 1,
      columns: [{ nullCount: 0, validity: undefined, offsets: Int32Array.of(0, text.length), values: text }],
    };
    let count = 0;
    while (!builder.isFull()) {
      builder.append(batch, Int32Array.of(0), 0, 1);
      count++;
    }
    expect(count).toBe(4);
    const made = builder.finish()!;
    expect(made.rowCount).toBe(4);
    expect(made.columns[0]!.values).toHaveLength(1_200_000);
    expect(builder.isFull()).toBe(false);
    expect(builder.finish()).toBeUndefined();
  });
});
