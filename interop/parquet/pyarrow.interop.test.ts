import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Connection, connect } from "headcut";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Oracle, openOracle } from "../../packages/headcut/test/oracle.ts";

const folder = mkdtempSync(join(tmpdir(), "headcut-pyarrow-"));
let db: Connection;
let oracle: Oracle;
beforeAll(async () => {
  db = await connect({ threads: 2 });
  oracle = await openOracle();
});
afterAll(async () => {
  await db?.close();
  oracle?.close();
  rmSync(folder, { recursive: true, force: true });
});

const python = (...args: readonly string[]): string =>
  execFileSync(process.env.HEADCUT_PYARROW!, [join(import.meta.dirname, "deltas.py"), ...args], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });

describe("packed differences", () => {
  beforeAll(() => {
    python("write", folder);
  });

  it.each(Array.from({ length: 65 }, (_, width) => width))("of %i bits, written by pyarrow", async (width) => {
    const sql = `SELECT a, b FROM '${join(folder, `${width}.parquet`)}'`;
    expect(
      (await oracle.query(`SELECT DISTINCT encodings FROM parquet_metadata('${folder}/${width}.parquet')`)).rows,
    ).toEqual([[expect.stringContaining("DELTA_BINARY_PACKED")]]);
    expect((await db.query(sql)).toText()).toEqual((await oracle.query(sql)).rows);
    // Few rows are wanted of `a`, so that values are passed over.
    const some = `SELECT a FROM '${folder}/${width}.parquet' WHERE b % 997 = 3`;
    expect((await db.query(some)).toText()).toEqual((await oracle.query(some)).rows);
  });
});

it("pyarrow reads what COPY writes", async () => {
  const path = join(folder, "copy.parquet");
  const sql = `SELECT x * 3 AS id, (x * 7919) % 1000003 AS scattered, CAST(x % 50 AS INTEGER) AS few,
      CAST((x * 104729) % 9999991 AS DECIMAL(15, 2)) / 1 AS price, CASE WHEN x % 7 <> 0 THEN CAST((x * 31) % 32000 AS SMALLINT) END AS small
    FROM range(300000) t(x)`;
  await db.query(`COPY (${sql}) TO '${path}'`);
  const encodings = await oracle.query(
    `SELECT path_in_schema, bool_or(encodings LIKE '%DELTA_BINARY_PACKED%') FROM parquet_metadata('${path}') GROUP BY ALL ORDER BY 1`,
  );
  expect(Object.fromEntries(encodings.rows)).toMatchObject({
    id: "true",
    scattered: "true",
    few: "false",
    small: "true",
  });
  expect(JSON.parse(python("read", path))).toEqual((await oracle.query(sql)).rows);
});
