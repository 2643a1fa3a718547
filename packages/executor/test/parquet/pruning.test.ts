import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  and,
  boolean,
  type Column,
  type CompareOp,
  cast,
  columnRef,
  compare,
  constant,
  type DataType,
  date,
  decimal,
  double,
  type Expression,
  int32,
  int64,
  isNull,
  not,
  or,
  uint32,
  type Value,
  varchar,
} from "@headcut/plan";
import { type ColumnSource, parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openParquetTable } from "../../src/parquet/open-table.ts";
import { planParquetScan } from "../../src/parquet/plan-scan.ts";
import type { ParquetScanPlan } from "../../src/parquet/scan-plan.ts";
import { duckdb } from "./peers.ts";

const folder = mkdtempSync(join(tmpdir(), "headcut-pruning-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Row groups of 2048 rows; column `i` is 0, 1, 2, … */
const GROUPS = 5;
const GROUP_ROWS = 2048;
let path: string;

beforeAll(async () => {
  path = join(folder, "groups.parquet");
  const select = `i::INTEGER AS i,
    i::BIGINT * 10 AS wide,
    (i + 2147483648)::UINTEGER AS u,
    (i / 2048)::INTEGER * 1.5::DOUBLE AS f,
    (i - 5000)::DECIMAL(12,2) AS d,
    (i - 5000)::DECIMAL(30,2) AS dd,
    DATE '2020-01-01' + i::INTEGER AS day,
    printf('key-%06d', i) AS s,
    CASE WHEN i < 2048 THEN NULL WHEN i < 4096 THEN i END::INTEGER AS n,
    i >= 4096 AS flag,
    CASE WHEN i >= 8192 AND i % 7 = 0 THEN 'nan'::DOUBLE ELSE i END AS nan,
    (hash(i) % 1000000)::INTEGER AS h, 'v' || (hash(i) % 1000000) AS hs`;
  await (await duckdb()).run(
    `COPY (SELECT ${select} FROM range(${GROUPS * GROUP_ROWS}) r(i) ORDER BY i) TO '${path}' (ROW_GROUP_SIZE ${GROUP_ROWS})`,
  );
});

const planFor = async (predicate: (column: (name: string) => Expression) => Expression): Promise<ParquetScanPlan> => {
  const table = await openParquetTable("t", [path]);
  const columns = table.columns.map((column, index) => ({ ...column, index, id: index + 100 }));
  const column = (name: string): Expression => columnRef(columns.find((one) => one.name === name) as Column);
  const predicates = predicate(column);
  return planParquetScan(table, columns, predicates.kind === "and" ? predicates.args : [predicates]);
};
const groupsFor = async (predicate: (column: (name: string) => Expression) => Expression): Promise<number[]> =>
  (await planFor(predicate)).morsels.map((morsel) => morsel.rowGroup);

const cmp =
  (name: string, op: CompareOp, type: DataType, value: Value) =>
  (column: (name: string) => Expression): Expression =>
    compare(op, column(name), constant(type, value));

describe("row groups are pruned by their statistics", () => {
  it.each<[string, CompareOp, DataType, Value, number[]]>([
    ["i", "eq", int32, 2047, [0]],
    ["i", "eq", int32, 2048, [1]],
    ["i", "eq", int32, -1, []],
    ["i", "lt", int32, 2048, [0]],
    ["i", "le", int32, 2048, [0, 1]],
    ["i", "gt", int32, 8191, [4]],
    ["i", "ge", int32, 8191, [3, 4]],
    ["i", "ne", int32, 5, [0, 1, 2, 3, 4]],
    ["i", "notDistinct", int32, 5, [0]],
    ["i", "eq", int32, null, []],
    ["wide", "gt", int64, 81910n, [4]],
    ["u", "lt", uint32, 2147483648, []],
    ["u", "le", uint32, 2147483648, [0]],
    ["u", "ge", uint32, 2147483648 + 8192, [4]],
    ["d", "lt", decimal(12, 2), -295300n, [0]],
    ["d", "ge", decimal(12, 2), 319200n, [4]],
    ["dd", "lt", decimal(30, 2), -295200n, [0]],
    ["dd", "ge", decimal(30, 2), 319200n, [4]],
    ["day", "lt", date, 18262 + 2048, [0]],
    ["s", "eq", varchar, "key-004096", [2]],
    ["s", "gt", varchar, "key-008191", [4]],
    ["s", "lt", varchar, "a", []],
    ["flag", "eq", boolean, true, [2, 3, 4]],
    // Nothing bounds floats from above: NaN is greater than every number.
    ["f", "lt", double, 1.5, [0]],
    ["f", "gt", double, 100, [0, 1, 2, 3, 4]],
    ["nan", "gt", double, 1e9, [0, 1, 2, 3, 4]],
    ["nan", "lt", double, 2048, [0, 4]],
    ["nan", "ge", double, Number.NaN, [0, 1, 2, 3, 4]],
    // All NULL in group 0 and from group 2 on.
    ["n", "ge", int32, 0, [1]],
    ["n", "ne", int32, 0, [1]],
    ["n", "distinct", int32, 0, [0, 1, 2, 3, 4]],
    ["n", "distinct", int32, null, [1]],
    ["n", "notDistinct", int32, null, [0, 2, 3, 4]],
  ])("%s %s %s %s", async (name, op, type, value, expected) => {
    expect(await groupsFor(cmp(name, op, type, value))).toEqual(expected);
  });

  it("with the constant on the left", async () => {
    expect(await groupsFor((column) => compare("lt", constant(int32, 8191), column("i")))).toEqual([4]);
  });

  it("through exact casts, not through others", async () => {
    const wide = (value: bigint) => constant(int64, value);
    expect(await groupsFor((c) => compare("lt", cast(c("i"), int64), wide(2048n)))).toEqual([0]);
    const exact = decimal(14, 4);
    expect(await groupsFor((c) => compare("lt", cast(c("d"), exact), constant(exact, -29530000n)))).toEqual([0]);
    expect(await groupsFor((c) => compare("lt", cast(c("d"), double), constant(double, -5000)))).toHaveLength(GROUPS);
    expect(await groupsFor((c) => compare("eq", cast(c("i"), varchar), constant(varchar, "1")))).toHaveLength(GROUPS);
  });

  it("by AND, OR, IN, IS NULL, booleans", async () => {
    expect(await groupsFor((c) => and(cmp("i", "ge", int32, 2048)(c), cmp("i", "lt", int32, 4096)(c)))).toEqual([1]);
    expect(await groupsFor((c) => or(cmp("i", "lt", int32, 5)(c), cmp("i", "ge", int32, 8192)(c)))).toEqual([0, 4]);
    const list =
      (values: Value[]) =>
      (c: (name: string) => Expression): Expression => ({
        kind: "inList",
        arg: c("i"),
        list: values.map((value) => constant(int32, value)),
        type: boolean,
        nullable: false,
      });
    expect(await groupsFor(list([1, 9000, null]))).toEqual([0, 4]);
    expect(await groupsFor((c) => not(list([1])(c)))).toHaveLength(GROUPS);
    expect(await groupsFor((c) => isNull(c("n")))).toEqual([0, 2, 3, 4]);
    expect(await groupsFor((c) => not(isNull(c("n"))))).toEqual([1]);
    expect(await groupsFor((c) => isNull(c("i")))).toEqual([]);
    expect(await groupsFor((c) => c("flag"))).toEqual([2, 3, 4]);
    expect(await groupsFor((c) => not(c("flag")))).toEqual([0, 1]);
  });

  it.each([
    ["key-0020%", undefined, false, [0, 1]],
    ["key-0020%", undefined, true, [0, 1, 2, 3, 4]],
    ["key-008%1", undefined, false, [3, 4]],
    ["key!_0%", "!", false, []],
    ["%1", undefined, false, [0, 1, 2, 3, 4]],
    ["key-00409_", undefined, false, [1, 2]],
    ["zebra%", undefined, false, []],
    ["k", undefined, false, []],
  ] as const)("LIKE %s", async (pattern, escapeChar, caseInsensitive, expected) => {
    const predicate = (c: (name: string) => Expression): Expression => ({
      kind: "like",
      arg: c("s"),
      pattern: constant(varchar, pattern),
      escape: escapeChar,
      caseInsensitive,
      type: boolean,
      nullable: false,
    });
    expect(await groupsFor(predicate)).toEqual(expected);
  });
});

describe("row groups are pruned by Bloom filters", () => {
  it("for integers and strings that statistics cannot exclude", async () => {
    const reader = await (await duckdb()).runAndReadAll(`SELECT h, hs FROM '${path}' LIMIT 1 OFFSET 5000`);
    const [h, hs] = reader.getRows()[0] as [number, string];
    // The group that has the value is never pruned; DuckDB writes filters for columns with a dictionary alone.
    expect(await groupsFor(cmp("h", "eq", int32, h))).toContain(2);
    expect(await groupsFor(cmp("hs", "eq", varchar, hs))).toContain(2);
  });

  it("with filters of another writer", async () => {
    const values = Array.from({ length: 4000 }, (_, i) => (i * 7919) % 100000);
    const columnData: ColumnSource[] = [
      { name: "n", data: Int32Array.from(values), type: "INT32", bloomFilter: true },
      { name: "b", data: values.map((value) => BigInt(value) * 5n), type: "INT64", bloomFilter: true },
      { name: "s", data: values.map((value) => `name ${value}`), type: "STRING", bloomFilter: true },
    ];
    const file = join(folder, "bloom.parquet");
    writeFileSync(file, Buffer.from(parquetWriteBuffer({ columnData, rowGroupSize: 1000 })));
    const table = await openParquetTable("t", [file]);
    const columns = table.columns.map((column, index) => ({ ...column, index, id: index }));
    const groups = async (name: string, type: DataType, value: Value): Promise<ParquetScanPlan> => {
      const column = columns.find((one) => one.name === name)!;
      return planParquetScan(table, columns, [compare("eq", columnRef(column), constant(type, value))]);
    };
    for (let i = 0; i < 4000; i += 37) {
      const group = Math.floor(i / 1000);
      const value = values[i]!;
      for (const plan of [
        await groups("n", int32, value),
        await groups("b", int64, BigInt(value) * 5n),
        await groups("s", varchar, `name ${value}`),
      ])
        expect(plan.morsels.map((morsel) => morsel.rowGroup)).toContain(group);
    }
    const absent = await groups("n", int32, 50_001);
    expect(values).not.toContain(50_001);
    expect(absent.pruning.rowGroupsPrunedByBloomFilter).toBeGreaterThan(2);
    expect((await groups("s", varchar, "name 50001")).pruning.rowGroupsPrunedByBloomFilter).toBeGreaterThan(2);
    expect((await groups("b", int64, 250_005n)).pruning.rowGroupsPrunedByBloomFilter).toBeGreaterThan(2);
  });
});

describe("rows are pruned by the page index", () => {
  it("when the values are clustered, over several columns", async () => {
    const rows = Array.from({ length: 4000 }, (_, i) => i);
    const columnData: ColumnSource[] = [
      { name: "n", data: Int32Array.from(rows), type: "INT32", encoding: "PLAIN", columnIndex: true },
      {
        name: "s",
        data: rows.map((row) => (row < 2000 ? null : `key ${String(row).padStart(5, "0")}`)),
        type: "STRING",
        encoding: "PLAIN",
        columnIndex: true,
      },
    ];
    const file = join(folder, "pages.parquet");
    writeFileSync(file, Buffer.from(parquetWriteBuffer({ columnData, rowGroupSize: 4000, pageSize: 1000 })));
    const table = await openParquetTable("t", [file]);
    const columns = table.columns.map((column, index) => ({ ...column, index, id: index }));
    const ranges = async (...predicates: Expression[]) =>
      (await planParquetScan(table, columns, predicates)).morsels.map((morsel) => morsel.ranges);
    const n = columnRef(columns[0]!);
    const s = columnRef(columns[1]!);
    const covers = (row: number, found: readonly (readonly { start: number; end: number }[] | undefined)[]): boolean =>
      found.some((list) => list?.some(({ start, end }) => start <= row && row < end));
    const one = await ranges(compare("eq", n, constant(int32, 1234)));
    expect(covers(1234, one)).toBe(true);
    expect(covers(100, one)).toBe(false);
    expect(one[0]!.reduce((sum, { start, end }) => sum + end - start, 0)).toBeLessThan(600);
    const nulls = await ranges(isNull(s), compare("ge", n, constant(int32, 1900)));
    expect(covers(1950, nulls)).toBe(true);
    expect(covers(1000, nulls)).toBe(false);
    expect(covers(3000, nulls)).toBe(false);
    expect(
      await ranges(compare("ge", s, constant(varchar, "key 03000")), compare("lt", n, constant(int32, 1000))),
    ).toEqual([]);
    expect(await ranges(compare("ge", n, constant(int32, 0)))).toEqual([undefined]);
  });
});

describe("a split of a file", () => {
  it("reads its row groups alone, pruned like any others", async () => {
    const table = await openParquetTable("t", [path]);
    if (table.source.kind !== "parquet") throw new Error("not Parquet");
    const files = table.source.files.map((file) => ({ ...file, rowGroups: { first: 1, count: 3 } }));
    const split = { ...table, source: { ...table.source, files } };
    const columns = [{ ...table.columns[0]!, index: 0, id: 100 }];
    const groups = async (...predicates: Expression[]): Promise<number[]> =>
      (await planParquetScan(split, columns, predicates)).morsels.map((morsel) => morsel.rowGroup);
    expect(await groups()).toEqual([1, 2, 3]);
    expect(await groups(compare("lt", columnRef(columns[0] as Column), constant(int32, 4096)))).toEqual([1]);
    expect(await groups(compare("ge", columnRef(columns[0] as Column), constant(int32, 8192)))).toEqual([]);
  });
});
