import { createHash } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { type Driver, drivers } from "../src/generator/drivers.ts";
import { TEXT_POOL_SIZE, writeTextPool } from "../src/generator/text-pool.ts";
import { planShards, shardsOfPart } from "../src/output/shards.ts";
import { toText } from "../src/output/text-form.ts";
import { referenceSums } from "../src/reference-sums.ts";
import { type RowRange, scaleOf } from "../src/scale.ts";
import { schema, type TableName } from "../src/schema.ts";

const scale = scaleOf(0.01);
let pool: Uint8Array;
beforeAll(() => {
  pool = new Uint8Array(writeTextPool(), 0, TEXT_POOL_SIZE);
});

/** The text of a driver's tables, generated slice by slice. */
function textOf(driver: Driver, ranges: readonly RowRange[]): Map<TableName, { text: Buffer; rows: number }> {
  const pieces = new Map(driver.tables.map((table) => [table, { chunks: [] as Uint8Array[], rows: 0 }]));
  for (const range of ranges)
    for (const { table, batch } of driver.generate({ scale, range, pool })) {
      const piece = pieces.get(table)!;
      piece.chunks.push(toText(schema[table], batch));
      piece.rows += batch.rowCount;
    }
  return new Map([...pieces].map(([table, { chunks, rows }]) => [table, { text: Buffer.concat(chunks), rows }]));
}

describe.each(drivers)("the generator of $name", (driver) => {
  const whole = { first: 0, end: driver.rowCount(scale) };

  it("writes what dbgen writes", () => {
    for (const [table, { text, rows }] of textOf(driver, [whole])) {
      expect(createHash("md5").update(text).digest("hex")).toBe(referenceSums.get(0.01)![table]);
      expect(rows).toBe(driver.rowsIn(table, whole));
    }
  });

  it.skipIf(["region", "nation"].includes(driver.name))("writes the same in slices", () => {
    const { end } = whole;
    const cuts = [0, 1, 2, Math.floor(end / 3), Math.floor(end / 3) + 1, end - 1, end];
    const slices = cuts.slice(1).map((cut, i) => ({ first: cuts[i]!, end: cut }));
    const expected = textOf(driver, [whole]);
    for (const [table, { text }] of textOf(driver, slices)) expect(text.equals(expected.get(table)!.text)).toBe(true);
  });
});

describe("planShards", () => {
  it.each([
    [0.001, 1],
    [0.001, 64],
    [1, 16],
    [30, 2],
    [1000, 1],
  ])("covers every row once at scale factor %d in at least %d shards", (scaleFactor, minShards) => {
    const big = scaleOf(scaleFactor);
    const shards = planShards(big, minShards);
    for (const { name, fixed, rowCount, rowsPerShard } of drivers) {
      const ranges = shards.filter(({ driver }) => driver === name).map(({ range }) => range);
      expect(ranges.length).toBeGreaterThanOrEqual(fixed ? 1 : Math.min(minShards, rowCount(big)));
      expect(ranges[0]!.first).toBe(0);
      expect(ranges.at(-1)!.end).toBe(rowCount(big));
      for (const [i, { first, end }] of ranges.entries()) {
        expect(end).toBeGreaterThan(first);
        expect(end - first).toBeLessThanOrEqual(rowsPerShard);
        if (i > 0) expect(first).toBe(ranges[i - 1]!.end);
      }
    }
  });

  it("divides into parts that share nothing and leave nothing out", () => {
    const shards = planShards(scaleOf(10));
    const parts = [1, 2, 3].flatMap((index) => shardsOfPart(shards, { index, count: 3 }));
    expect(new Set(parts).size).toBe(shards.length);
    expect(parts).toHaveLength(shards.length);
  });
});
