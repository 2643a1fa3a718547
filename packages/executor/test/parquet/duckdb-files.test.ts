import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { duckdb, duckdbColumns } from "./peers.ts";
import { readBack } from "./read-back.ts";

const folder = mkdtempSync(join(tmpdir(), "headcut-parquet-"));
afterAll(() => rmSync(folder, { recursive: true }));

const ROWS = 10_000;

/** Every type, as an expression over `i`, with many distinct values and with few. */
const expressions: Readonly<Record<string, (i: string) => string>> = {
  bool: (i) => `(${i}) % 3 = 0`,
  i8: (i) => `((${i}) % 256 - 128)::TINYINT`,
  i16: (i) => `((${i}) * 7 % 65536 - 32768)::SMALLINT`,
  i32: (i) => `((${i}) * 429496::BIGINT % 4294967296 - 2147483648)::INTEGER`,
  i64: (i) => `((${i}) * 922337203685477::BIGINT - 4611686018427387904)::BIGINT`,
  u8: (i) => `((${i}) % 256)::UTINYINT`,
  u16: (i) => `((${i}) * 7 % 65536)::USMALLINT`,
  u32: (i) => `((${i}) * 429496::BIGINT % 4294967296)::UINTEGER`,
  u64: (i) => `(18446744073709551615::HUGEINT - (${i}))::UBIGINT`,
  f32: (i) => `((${i}) * 1.25 - 5000)::FLOAT`,
  f64: (i) => `CASE (${i}) % 100 WHEN 0 THEN 'nan'::DOUBLE WHEN 1 THEN '-inf'::DOUBLE ELSE sqrt((${i}) + 0.5) END`,
  d4: (i) => `((${i}) % 1000)::DECIMAL(4,1) - 500`,
  d9: (i) => `((${i}) * 99 - 400000)::DECIMAL(9,2)`,
  d18: (i) => `((${i}) * 99999999 - 400000)::DECIMAL(18,3)`,
  d38: (i) => `((${i}) - 5000)::DECIMAL(38,10) * 123456789012345678::DECIMAL(20,0)`,
  day: (i) => `DATE '1900-01-01' + ((${i}) * 11)::INTEGER`,
  clock: (i) => `TIME '00:00:00' + to_microseconds((${i}) * 8639999)`,
  ts: (i) => `TIMESTAMP '1800-01-01' + to_microseconds((${i}) * 1234567890123)`,
  tns: (i) => `make_timestamp_ns((${i}) * 1234567890123)`,
  tms: (i) => `(TIMESTAMP '1999-01-01' + to_milliseconds((${i}) * 123456789))::TIMESTAMP_MS`,
  tz: (i) => `(TIMESTAMP '1999-01-01' + to_microseconds((${i}) * 1234567890))::TIMESTAMPTZ`,
  span: (i) => `to_months(((${i}) % 30)::INTEGER) + to_days(((${i}) % 40)::INTEGER) + to_milliseconds((${i}))`,
  text: (i) =>
    `CASE WHEN (${i}) % 50 = 0 THEN '' ELSE 'ünï-' || repeat(chr((97 + (${i}) % 26)::INTEGER), ((${i}) % 40)::INTEGER) || (${i}) END`,
  data: (i) => `('x' || (${i}))::BLOB`,
  id: (i) => `('12345678-1234-1234-1234-' || lpad(to_hex((${i})::BIGINT * 7919), 12, '0'))::UUID`,
};

/** Nulls of three kinds: none, scattered, in long runs, all. */
const nulls: Readonly<Record<string, (value: string) => string>> = {
  full: (value) => value,
  scattered: (value) => `CASE WHEN hash(i) % 4 = 0 THEN NULL ELSE ${value} END`,
  runs: (value) => `CASE WHEN (i // 3000) % 2 = 0 THEN NULL ELSE ${value} END`,
  none: (value) => `CASE WHEN i < 0 THEN ${value} END`,
};

/** Few distinct values make dictionaries, many make plain or delta pages. */
const spreads: Readonly<Record<string, string>> = { few: "i % 17", many: "i" };

const selectList = (null_: (value: string) => string, spread: string): string =>
  Object.entries(expressions)
    .map(([name, expression]) => `${null_(expression(spread))} AS ${name}`)
    .join(", ");

const same = async (sql: string, path: string): Promise<void> => {
  const expected = await duckdbColumns(sql);
  const { columns, rowCount } = await readBack(path);
  expect(rowCount).toBe(ROWS);
  Object.keys(expressions).forEach((name, index) => {
    const wrong = columns[index]!.findIndex((cell, row) => !Object.is(cell, expected[index]![row]));
    if (wrong >= 0)
      expect.fail(`${name}, row ${wrong}: read ${columns[index]![wrong]}, should be ${expected[index]![wrong]}`);
    expect(columns[index]!.length).toBe(ROWS);
  });
};

describe("files that DuckDB writes are read as DuckDB reads them", () => {
  beforeAll(async () => {
    await (await duckdb()).run("SET TimeZone = 'UTC'");
  });

  for (const version of ["v1", "v2"]) {
    for (const [nullKind, null_] of Object.entries(nulls)) {
      for (const [spreadKind, spread] of Object.entries(spreads)) {
        it(`parquet ${version}, nulls ${nullKind}, ${spreadKind} distinct values`, async () => {
          const sql = `SELECT ${selectList(null_, spread)} FROM range(${ROWS}) r(i) ORDER BY i`;
          const path = join(folder, `${version}-${nullKind}-${spreadKind}.parquet`);
          await (await duckdb()).run(
            `COPY (${sql}) TO '${path}' (PARQUET_VERSION ${version}, ROW_GROUP_SIZE 4096, COMPRESSION snappy)`,
          );
          await same(`SELECT * FROM '${path}'`, path);
        });
      }
    }
  }

  for (const codec of ["uncompressed", "snappy", "gzip", "zstd", "brotli", "lz4", "lz4_raw"]) {
    it(`compressed with ${codec}`, async () => {
      const sql = `SELECT ${selectList(nulls.scattered!, spreads.many!)} FROM range(${ROWS}) r(i) ORDER BY i`;
      const path = join(folder, `${codec}.parquet`);
      await (await duckdb()).run(`COPY (${sql}) TO '${path}' (COMPRESSION ${codec}, PARQUET_VERSION v2)`);
      await same(`SELECT * FROM '${path}'`, path);
    });
  }

  // The levels use different block forms: raw, run-length, Huffman trees that are kept, tables that are repeated.
  for (const level of [-7, 1, 9, 19]) {
    it(`compressed with zstd at level ${level}`, async () => {
      const sql = `SELECT ${selectList(nulls.runs!, "i // 3 + i % 50")} FROM range(${ROWS}) r(i) ORDER BY i`;
      const path = join(folder, `zstd${level}.parquet`);
      await (await duckdb()).run(`COPY (${sql}) TO '${path}' (COMPRESSION zstd, COMPRESSION_LEVEL ${level})`);
      await same(`SELECT * FROM '${path}'`, path);
    });
  }
});
