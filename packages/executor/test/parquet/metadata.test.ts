import { mkdirSync, mkdtempSync, renameSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { QueryError, typeName } from "@headcut/plan";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expandGlob } from "../../src/io/glob.ts";
import { decodeBounds, statisticsBounds } from "../../src/parquet/bounds.ts";
import { estimateDistinctCount } from "../../src/parquet/distinct-count.ts";
import { openParquetFile } from "../../src/parquet/open-file.ts";
import { openParquetTable } from "../../src/parquet/open-table.ts";
import type { FlatColumn } from "../../src/parquet/schema.ts";
import { xxhash64 } from "../../src/parquet/xxhash64.ts";
import { duckdb } from "./peers.ts";
import { readBack } from "./read-back.ts";

const folder = mkdtempSync(join(tmpdir(), "headcut-metadata-"));
afterAll(() => rmSync(folder, { recursive: true }));

const copy = async (name: string, select: string, options = ""): Promise<string> => {
  const path = join(folder, name);
  await (await duckdb()).run(`COPY (${select}) TO '${path}' (FORMAT parquet${options})`);
  return path;
};
const errorOf = async (run: () => Promise<unknown>): Promise<QueryError> => {
  try {
    await run();
  } catch (error) {
    if (error instanceof QueryError) return error;
    throw error;
  }
  throw new Error("no error");
};

describe("schemas", () => {
  it("have the types that DuckDB gives them", async () => {
    const path = await copy(
      "types.parquet",
      `SELECT 1::TINYINT a, 1::USMALLINT b, 1::UINTEGER c, 1::UBIGINT d, TRUE e, 1::FLOAT f, 1::DOUBLE g, 'x' h,
       'x'::BLOB i, DATE '2020-01-01' j, TIME '01:00:00' k, TIMESTAMP '2020-01-01' l, '2020-01-01'::TIMESTAMP_NS m,
       '2020-01-01'::TIMESTAMP_MS n, '2020-01-01'::TIMESTAMPTZ o, INTERVAL 1 DAY p, uuid() q, 1::DECIMAL(38,3) r,
       1::DECIMAL(18,3) s, 1::DECIMAL(4,1) t, 'a'::ENUM('a') u, 1::SMALLINT v, 1::INTEGER w, 1::BIGINT x, 1::UTINYINT y`,
    );
    const described = await (await duckdb()).runAndReadAll(`DESCRIBE SELECT * FROM '${path}'`);
    const { columns } = await openParquetTable("t", [path]);
    expect(columns.map(({ name, type }) => [name, typeName(type)])).toEqual(
      described.getRows().map((row) => [row[0], row[1]]),
    );
  });

  it("list nested columns, which are refused by name when read", async () => {
    const path = await copy("nested.parquet", "SELECT 1 AS a, [1, 2] AS list, {'x': 1, 'y': {'z': 2}} AS pair, 2 AS b");
    const table = await openParquetTable("t", [path]);
    expect(table.columns.map((column) => column.name)).toEqual(["a", "list", "pair", "b"]);
    expect((await readBack(path, { columns: ["b", "a"] })).columns).toEqual([[2n], [1n]]);
    const error = await errorOf(() => readBack(path, { columns: ["pair"] }));
    expect(error.code).toBe("unsupported");
    expect(error.message).toContain('column "pair"');
  });
});

describe("column statistics", () => {
  it("merge bounds, NULLs, distinct values and lengths over row groups", async () => {
    const path = await copy(
      "stats.parquet",
      `SELECT i::INTEGER AS i, i % 7 AS few, CASE WHEN i % 4 = 0 THEN NULL ELSE 'value ' || (i % 100) END AS s,
       (i % 3) * 1.5::DOUBLE AS f, NULL::INTEGER AS n, i // 1000 AS clustered FROM range(20000) r(i)`,
      ", ROW_GROUP_SIZE 4096",
    );
    const { columns, rowCount } = await openParquetTable("t", [path]);
    expect(rowCount).toBe(20000);
    const statistics = Object.fromEntries(columns.map((column) => [column.name, column.statistics!]));
    expect(statistics.i).toMatchObject({ min: 0, max: 19999, nullCount: 0 });
    expect(statistics.few).toMatchObject({ min: 0n, max: 6n, nullCount: 0, distinctCount: 7 });
    expect(statistics.s).toMatchObject({ min: "value 1", max: "value 99", nullCount: 5000 });
    expect(statistics.s!.distinctCount).toBeGreaterThanOrEqual(75);
    expect(statistics.s!.distinctCount).toBeLessThan(85);
    expect(statistics.s!.averageLength).toBeCloseTo(7.9, 0);
    expect(statistics.f).toMatchObject({ min: 0 });
    expect(statistics.f!.max).toBeUndefined();
    expect(statistics.n).toMatchObject({ nullCount: 20000 });
    expect(statistics.n!.min).toBeUndefined();
    expect(statistics.clustered!.distinctCount).toBeGreaterThanOrEqual(20);
    expect(columns.map((column) => column.nullable)).toEqual([false, false, true, false, true, false]);
  });

  it("estimate distinct values from samples", () => {
    const free = { min: undefined, max: undefined };
    expect(estimateDistinctCount([], 100, 100)).toBeUndefined();
    expect(estimateDistinctCount([{ values: 100, distinct: 10, bounds: free }], 100, 1e9)).toBe(10);
    // Each of 1000 values was met: the domain is hardly larger.
    const dense = estimateDistinctCount([{ values: 100_000, distinct: 1000, bounds: free }], 1e7, 1e9)!;
    expect(dense).toBeLessThan(1010);
    // 63 % of a domain as large as the sample are met.
    const sparse = estimateDistinctCount([{ values: 100_000, distinct: 63_212, bounds: free }], 1e7, 1e9)!;
    expect(sparse).toBeGreaterThan(95_000);
    expect(sparse).toBeLessThan(105_000);
    const sorted = [0, 1, 2].map((i) => ({ values: 1000, distinct: 10, bounds: { min: i * 10, max: i * 10 + 9 } }));
    expect(estimateDistinctCount(sorted, 100_000, 1e9)).toBe(1000);
  });

  it("trust only bounds whose order is known", () => {
    const column = (physical: FlatColumn["physical"], type: FlatColumn["type"]): FlatColumn => ({
      kind: "flat",
      name: "x",
      leaf: 0,
      physical,
      typeLength: 0,
      optional: true,
      type,
      timeFactor: 1,
      float16: false,
    });
    const four = (value: number) => new Uint8Array(new Int32Array([value]).buffer);
    const none = {
      legacyMin: undefined,
      legacyMax: undefined,
      min: undefined,
      max: undefined,
      nullCount: 0,
      distinctCount: 0,
    };
    const legacy = { ...none, legacyMin: four(-5), legacyMax: four(7) };
    const unknown = { min: undefined, max: undefined };
    expect(statisticsBounds(legacy, column("INT32", { kind: "int32" }), undefined)).toEqual({ min: -5, max: 7 });
    expect(statisticsBounds(legacy, column("INT32", { kind: "uint32" }), undefined)).toEqual(unknown);
    expect(statisticsBounds(legacy, column("BYTE_ARRAY", { kind: "varchar" }), true)).toEqual(unknown);
    const current = { ...none, min: four(1), max: four(-1) };
    expect(statisticsBounds(current, column("INT32", { kind: "uint32" }), true)).toEqual({ min: 1, max: 4294967295 });
    expect(statisticsBounds(current, column("INT32", { kind: "uint32" }), false)).toEqual(unknown);
    // Contradictory or of the wrong length.
    expect(statisticsBounds(current, column("INT32", { kind: "int32" }), true)).toEqual(unknown);
    expect(decodeBounds(new Uint8Array(3), undefined, column("INT32", { kind: "int32" }))).toEqual(unknown);
    const nan = new Uint8Array(new Float64Array([Number.NaN]).buffer);
    expect(decodeBounds(nan, nan, column("DOUBLE", { kind: "double" }))).toEqual(unknown);
  });
});

describe("xxhash64", () => {
  it("hashes as its specification says", () => {
    const hash = (text: string) => xxhash64(new TextEncoder().encode(text)).toString(16).padStart(16, "0");
    expect(hash("")).toBe("ef46db3751d8e999");
    expect(hash("a")).toBe("d24ec4f1a98c6e5b");
    expect(hash("abc")).toBe("44bc2cf5ad770999");
    expect(hash("Nobody inspects the spammish repetition")).toBe("fbcea83c8a378bf1");
  });
});

describe("tables of several files", () => {
  let first: string;
  beforeAll(async () => {
    first = await copy("part-1.parquet", "SELECT 1 AS a, 'x' AS b, 1.5::DOUBLE AS c");
  });

  it("match columns by name; one that a file lacks is NULL there", async () => {
    const second = await copy("part-2.parquet", "SELECT 'y' AS b, 2 AS a");
    const table = await openParquetTable("t", [first, second]);
    expect(table.rowCount).toBe(2);
    expect(table.columns.map(({ name, nullable }) => [name, nullable])).toEqual([
      ["a", false],
      ["b", false],
      ["c", true],
    ]);
    expect(table.columns[0]!.statistics).toMatchObject({ min: 1, max: 2 });
    expect((await readBack(first, { table })).columns).toEqual([
      [1n, 2n],
      ["x", "y"],
      [1.5, null],
    ]);
  });

  it("are refused when types differ, naming file and column", async () => {
    const other = await copy("part-3.parquet", "SELECT 'one' AS a, 'x' AS b, 1.5::DOUBLE AS c");
    const error = await errorOf(() => openParquetTable("t", [first, other]));
    expect(error.code).toBe("type-mismatch");
    expect(error.message).toContain(other);
    expect(error.message).toContain('"a"');
  });
});

it("a file without rows is an empty table", async () => {
  const path = await copy("empty.parquet", "SELECT 1 AS a, 'x' AS b WHERE FALSE");
  const table = await openParquetTable("t", [path]);
  expect([table.rowCount, table.columns.map(({ name }) => name)]).toEqual([0, ["a", "b"]]);
  expect((await readBack(path)).columns).toEqual([[], []]);
});

it("a file that was replaced by another is read anew, even with the same size and time", async () => {
  const path = await copy("replaced.parquet", "SELECT 11111111 AS a");
  utimesSync(path, 1000, 1000);
  expect((await readBack(path)).columns).toEqual([[11111111n]]);
  const other = await copy("other.parquet", "SELECT 22222222 AS a");
  renameSync(other, path);
  utimesSync(path, 1000, 1000);
  expect((await readBack(path)).columns).toEqual([[22222222n]]);
});

describe("globs", () => {
  it("match within names, over folders, and sort by name", () => {
    const root = join(folder, "globs");
    mkdirSync(join(root, "a/deep"), { recursive: true });
    mkdirSync(join(root, "b"));
    for (const name of [
      "a/2.parquet",
      "a/10.parquet",
      "a/x.csv",
      "a/.hidden.parquet",
      "b/1.parquet",
      "a/deep/3.parquet",
    ])
      writeFileSync(join(root, name), "");
    const find = (pattern: string) => expandGlob(join(root, pattern)).map((path) => path.slice(root.length + 1));
    expect(find("a/*.parquet")).toEqual(["a/10.parquet", "a/2.parquet"]);
    expect(find("*/?.parquet")).toEqual(["a/2.parquet", "b/1.parquet"]);
    expect(find("**/*.parquet")).toEqual(["a/10.parquet", "a/2.parquet", "a/deep/3.parquet", "b/1.parquet"]);
    expect(find("[!b]/[0-9].parquet")).toEqual(["a/2.parquet"]);
    expect(() => find("c/*.parquet")).toThrow("no files match");
  });
});

describe("files that are not what they should be", () => {
  it("are refused with what is wrong", async () => {
    const path = join(folder, "bad.parquet");
    const refuse = async (bytes: Uint8Array | string, code: string, text: string) => {
      writeFileSync(path, bytes);
      const error = await errorOf(() => openParquetFile(path));
      expect([error.code, error.message]).toEqual([code, expect.stringContaining(text)]);
      expect(error.message).toContain(path);
    };
    await refuse("", "corrupt-file", "only 0 bytes");
    await refuse("hello, I am not a Parquet file", "corrupt-file", "does not end with PAR1");
    await refuse("PAR1\xff\xff\xff\x7fPAR1", "corrupt-file", "footer of");
    await refuse("PAR1....\x04\0\0\0PARE", "unsupported", "encrypted");
    const missing = await errorOf(() => openParquetFile(join(folder, "none.parquet")));
    expect(missing.code).toBe("io");
    expect((await errorOf(() => openParquetFile(folder))).code).toBe("io");
  });

  it("are noticed when they change after planning", async () => {
    const path = await copy("changes.parquet", "SELECT range AS i FROM range(1000)");
    const table = await openParquetTable("t", [path]);
    expect((await readBack(path, { table })).rowCount).toBe(1000);
    utimesSync(path, 1, 1);
    const touched = await errorOf(() => readBack(path, { table }));
    expect([touched.code, touched.message]).toEqual(["io", expect.stringContaining("has changed")]);
    truncateSync(path, statSync(path).size - 10);
    expect((await errorOf(() => readBack(path, { table }))).code).toBe("io");
  });

  it("are noticed when statistics hide a NULL", async () => {
    const path = join(folder, "lying.parquet");
    const columnData = [{ name: "n", data: [1, null, 3], type: "INT32" as const, nullable: true }];
    writeFileSync(path, Buffer.from(parquetWriteBuffer({ columnData })));
    const table = await openParquetTable("t", [path]);
    const lie = { ...table, columns: table.columns.map((column) => ({ ...column, nullable: false })) };
    const error = await errorOf(() => readBack(path, { table: lie }));
    expect([error.code, error.message]).toEqual(["corrupt-file", expect.stringContaining('column "n"')]);
  });
});
