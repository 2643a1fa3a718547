import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { int32, varchar } from "@headcut/plan";
import { type ColumnSource, parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, describe, expect, it } from "vitest";
import { mergeFileStatistics } from "../../src/parquet/merge-file-statistics.ts";
import { openParquetTable } from "../../src/parquet/open-table.ts";

const folder = mkdtempSync(join(tmpdir(), "headcut-merge-"));
afterAll(() => rmSync(folder, { recursive: true }));

let written = 0;
const writeFile = (...columnData: ColumnSource[]): string => {
  const path = join(folder, `${written++}.parquet`);
  writeFileSync(path, new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: [500] })));
  return path;
};

const numbers = (from: number, count: number, step = 1): number[] =>
  Array.from({ length: count }, (_, i) => from + i * step);

/** What the table of all files says of each column, and what is merged from the tables of one file each. */
const bothWays = async (paths: readonly string[]) => {
  const whole = await openParquetTable("t", paths);
  const parts = await Promise.all(paths.map((path) => openParquetTable("t", [path])));
  return whole.columns.map(({ name, type, statistics }) => {
    const own = parts.map(({ rowCount, columns }) => {
      const column = columns.find((each) => each.name === name);
      return { rowCount, statistics: column === undefined ? ("absent" as const) : column.statistics };
    });
    return { whole: statistics, merged: mergeFileStatistics(own, type) };
  });
};

describe("statistics merged from files", () => {
  it("are those that the executor finds in all files at once", async () => {
    const file = (from: number): string =>
      writeFile(
        { name: "sorted", data: numbers(from, 1000), type: "INT32", nullable: false },
        { name: "big", data: numbers(from, 1000).map((i) => BigInt(i) * 10n ** 12n), type: "INT64", nullable: false },
        { name: "few", data: numbers(0, 1000).map((i) => `word ${i % 9}`), type: "STRING", nullable: false },
        { name: "nulls", data: numbers(0, 1000).map((i) => (i % 4 === 0 ? null : i % 2 === 0)), type: "BOOLEAN" },
        { name: "real", data: numbers(from, 1000).map((i) => i / 7), type: "DOUBLE", nullable: false },
      );
    const [sorted, big, few, nulls, real] = await bothWays([file(0), file(1000), file(2000)]);
    expect(sorted!.merged).toEqual(sorted!.whole);
    expect(sorted!.merged).toMatchObject({ min: 0, max: 2999, nullCount: 0 });
    expect(big!.merged).toEqual(big!.whole);
    expect(big!.merged).toMatchObject({ min: 0n, max: 2_999_000_000_000_000n });
    expect(few!.merged.distinctCount).toBe(9);
    expect(few!.merged).toMatchObject({ min: "word 0", max: "word 8", averageLength: few!.whole!.averageLength });
    expect(nulls!.merged).toMatchObject({ nullCount: 750, min: false, max: true });
    expect(real!.merged).toEqual(real!.whole);
  });

  it("count rows of a file that lacks the column as NULLs", async () => {
    const paths = [
      writeFile({ name: "a", data: [1, 2], type: "INT32" }, { name: "b", data: [7, 8], type: "INT32" }),
      writeFile({ name: "a", data: [3], type: "INT32" }),
    ];
    const [a, b] = await bothWays(paths);
    expect(a!.merged).toMatchObject({ min: 1, max: 3, nullCount: 0 });
    expect(b!.merged).toMatchObject({ min: 7, max: 8, nullCount: 1 });
    expect(b!.merged.nullCount).toBe(b!.whole!.nullCount);
  });

  it("leave out a bound that one file does not tell, unless it has no values", () => {
    const known = { rowCount: 10, statistics: { min: 1, max: 9, nullCount: 0 } };
    expect(mergeFileStatistics([known, { rowCount: 5, statistics: undefined }], int32)).toEqual({});
    expect(mergeFileStatistics([known, { rowCount: 5, statistics: { min: 0, nullCount: 2 } }], int32)).toEqual({
      min: 0,
      nullCount: 2,
    });
    expect(mergeFileStatistics([{ rowCount: 5, statistics: { nullCount: 5 } }, known], int32)).toMatchObject({
      min: 1,
      max: 9,
      nullCount: 5,
    });
    expect(mergeFileStatistics([], int32)).toEqual({ nullCount: 0 });
  });

  it("compare texts as bytes of UTF-8, not as JavaScript does", () => {
    // U+FF5E is above the surrogates that U+1F3DE is written with in UTF-16, but below it in UTF-8.
    const [low, high] = ["\uff5e", "🏞"];
    const parts = [low, high].map((text) => ({ rowCount: 1, statistics: { min: text, max: text, nullCount: 0 } }));
    expect(mergeFileStatistics(parts, varchar)).toMatchObject({ min: low, max: high });
  });

  it("add up distinct values where files are disjoint, and not where they repeat", () => {
    const file = (min: number, max: number) => ({
      rowCount: 1000,
      statistics: { min, max, nullCount: 0, distinctCount: 100 },
    });
    expect(mergeFileStatistics([file(0, 99), file(100, 199), file(200, 299)], int32).distinctCount).toBe(300);
    expect(mergeFileStatistics([file(0, 99), file(0, 99), file(0, 99)], int32).distinctCount).toBe(100);
  });
});
