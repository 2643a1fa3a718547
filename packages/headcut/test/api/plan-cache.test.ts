import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { type Connection, connect } from "headcut";
import { afterAll, beforeAll, expect, test } from "vitest";

let folder: string;
let db: Connection;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "headcut-plans-"));
  db = await connect({ threads: 1 });
});

afterAll(async () => {
  await db.close();
  rmSync(folder, { recursive: true, force: true });
});

const rows = async (sql: string, parameters: unknown[] = []): Promise<unknown[][]> =>
  (await db.query(sql, parameters as never)).toRows() as unknown[][];

test("a plan that is kept sees files that were written anew", async () => {
  const path = join(folder, "a.parquet");
  const count = `SELECT count(*)::INTEGER, min(x) FROM '${path}'`;
  await db.query(`COPY (SELECT 1 AS x) TO '${path}'`);
  expect(await rows(count)).toEqual([[1, 1]]);
  expect(await rows(count)).toEqual([[1, 1]]);
  await db.query(`COPY (SELECT i::INTEGER + 5 AS x FROM range(7) r(i)) TO '${path}'`);
  expect(await rows(count)).toEqual([[7, 5]]);
});

test("… and files that were added to a glob", async () => {
  const count = `SELECT count(*)::INTEGER FROM '${folder}/b*.parquet'`;
  await db.query(`COPY (SELECT 1 AS x) TO '${folder}/b1.parquet'`);
  expect(await rows(count)).toEqual([[1]]);
  await db.query(`COPY (SELECT 1 AS x) TO '${folder}/b2.parquet'`);
  expect(await rows(count)).toEqual([[2]]);
});

test("… and rows that were inserted, and a table made again with other columns", async () => {
  await db.query("CREATE TABLE t AS SELECT 1 AS x");
  const all = "SELECT * FROM t ORDER BY 1";
  expect(await rows(all)).toEqual([[1]]);
  await db.query("INSERT INTO t VALUES (2)");
  expect(await rows(all)).toEqual([[1], [2]]);
  await db.query("DROP TABLE t; CREATE TABLE t AS SELECT 'a' AS y, 2.5 AS z");
  expect(await rows(all)).toEqual([["a", "2.5"]]);
});

test("the time of day is not kept", async () => {
  const now = "SELECT epoch_us(now())";
  const [[first]] = (await rows(now)) as [[bigint]];
  await setTimeout(5);
  const [[second]] = (await rows(now)) as [[bigint]];
  expect(second).toBeGreaterThan(first);
});

test("parameters of other values and types give other answers", async () => {
  const sql = "SELECT typeof($1), $1 IS NULL, ($1 * 2)::VARCHAR";
  const seen: unknown[] = [];
  for (const value of [1, 2, 1n, 0.5, Number.NaN, null, 1]) seen.push((await rows(sql, [value]))[0]);
  expect(seen[0]).toEqual(seen[6]);
  expect(new Set(seen.map((row) => JSON.stringify(row))).size).toBe(6);
});

test("two connections with tables of one name do not share plans of them", async () => {
  const other = await connect({ threads: 1 });
  try {
    for (const [connection, value] of [
      [db, 1],
      [other, 2],
    ] as const) {
      await connection.query(`CREATE TABLE own AS SELECT ${value} AS v`);
    }
    const ask = async (connection: Connection) => (await connection.query("SELECT v FROM own")).toRows();
    expect([await ask(db), await ask(other), await ask(db)]).toEqual([[[1]], [[2]], [[1]]]);
  } finally {
    await other.close();
  }
});
