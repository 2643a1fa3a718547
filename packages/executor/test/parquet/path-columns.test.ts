import { mkdirSync, mkdtempSync, rmSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { boolean, type Column, columnRef, compare, constant, int64, type Table, timestamp } from "@headcut/plan";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openParquetTable } from "../../src/parquet/open-table.ts";
import { planParquetScan } from "../../src/parquet/plan-scan.ts";
import { duckdb } from "./peers.ts";

const folder = mkdtempSync(join(tmpdir(), "headcut-paths-"));
afterAll(() => rmSync(folder, { recursive: true }));

let table: Table;
beforeAll(async () => {
  for (const year of [2022, 2023, 2024]) {
    mkdirSync(join(folder, `year=${year}`));
    const path = join(folder, `year=${year}/x.parquet`);
    await (await duckdb()).run(`COPY (SELECT i FROM range(100) r(i)) TO '${path}'`);
  }
  table = await openParquetTable("t", [join(folder, "*/x.parquet")]);
});

const year: Column = { id: 1, name: "year", type: int64, nullable: false };
const columns = [
  { id: 2, name: "i", type: int64, nullable: true, index: 0 },
  { ...year, index: 1 },
];

it("a table knows of its folders' columns what their values are", () => {
  expect(table.columns[1]).toEqual({
    name: "year",
    type: int64,
    nullable: false,
    statistics: { min: 2022n, max: 2024n, nullCount: 0, distinctCount: 3 },
  });
  const files = table.source.kind === "parquet" ? table.source.files : [];
  expect(files.map(({ constants }) => constants)).toEqual(
    [2022n, 2023n, 2024n].map((value) => [{ name: "year", type: int64, value }]),
  );
});

it("folders say nothing where they are not asked", async () => {
  const plain = await openParquetTable("t", [join(folder, "*/x.parquet")], undefined, undefined, {
    hasPathColumns: false,
  });
  expect(plain.columns.map(({ name }) => name)).toEqual(["i"]);
  expect(plain.source).toMatchObject({ files: [{}, {}, {}] });
  expect(plain.source.kind === "parquet" && plain.source.files.some((file) => "constants" in file)).toBe(false);
});

it("files that their paths exclude are not opened, nor looked at", async () => {
  const [old, ...others] = table.source.kind === "parquet" ? table.source.files : [];
  unlinkSync(old!.path);
  const moved = { ...table, source: { kind: "parquet" as const, files: [{ ...old!, identity: "gone" }, ...others] } };
  const after = compare("gt", columnRef(year), constant(int64, 2022n));
  expect(after.type).toEqual(boolean);
  const plan = await planParquetScan(moved, columns, [after]);
  expect(plan.pruning).toMatchObject({ filesPruned: 1, rowGroups: 2 });
  expect(plan.morsels.map(({ file }) => file)).toEqual([1, 2]);
  await expect(planParquetScan(moved, columns, [])).rejects.toMatchObject({ code: "io" });
});

it("times have microseconds", async () => {
  const path = join(folder, "t=1969-12-31 23:59:59.999999/x.parquet");
  mkdirSync(join(path, ".."));
  await (await duckdb()).run(`COPY (SELECT 1 AS i) TO '${path}'`);
  const { columns: found } = await openParquetTable("t", [path]);
  expect(found[1]).toMatchObject({ name: "t", type: timestamp, statistics: { min: -1n } });
});
