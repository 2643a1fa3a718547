import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Connection, connect } from "headcut";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { headcut } from "../cli/cli-process.ts";
import { firstDifference } from "../compare-rows.ts";
import { type Oracle, openOracle } from "../oracle.ts";
import { startTestCluster, type TestCluster } from "./test-cluster.ts";

const folder = mkdtempSync(join(tmpdir(), "headcut-path-tables-"));
let oracle: Oracle;
let cluster: TestCluster;
let db: Connection;
beforeAll(async () => {
  oracle = await openOracle();
  cluster = await startTestCluster();
  db = await connect(cluster.url);
});
afterAll(async () => {
  await db?.close();
  await cluster?.stop();
  oracle?.close();
  rmSync(folder, { recursive: true, force: true });
});

const put = async (path: string, select: string): Promise<void> => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  await oracle.run(`COPY (${select}) TO '${join(folder, path)}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`);
};
const load = (table: string, from: string, ...more: string[]) =>
  headcut(["load", "--table", table, "--from", join(folder, from), "--to-cluster", cluster.url, ...more]);

/** DuckDB's answer over the files that were loaded. */
const expectSame = async (sql: string, files: Readonly<Record<string, string>>): Promise<void> => {
  const views = Object.entries(files).map(([name, glob]) => `${name} AS (SELECT * FROM '${join(folder, glob)}')`);
  const expected = await oracle.query(`WITH ${views.join(", ")} ${sql}`);
  const result = await db.query(sql);
  expect(
    result.columns.map(({ name }) => name),
    sql,
  ).toEqual(expected.names);
  expect(firstDifference(expected.types, expected.rows, result.toText(), /ORDER BY/.test(sql)), sql).toBeUndefined();
};
const explain = async (sql: string): Promise<string> => (await db.query(`EXPLAIN ${sql}`)).toText().join("\n");

describe("a table of folders that have columns in their names alone", () => {
  const files = { sales: "sales/**/*.parquet", stores: "stores/**/*.parquet" };
  beforeAll(async () => {
    for (let day = 1; day <= 12; day++) {
      for (const region of ["north", "so%75th"]) {
        const select = `SELECT i, i % 7 AS g, 'text ' || (i % 13) AS s FROM range(${2500 + day * 100}) r(i)`;
        await put(`sales/day=2024-01-${String(day).padStart(2, "0")}/region=${region}/part.parquet`, select);
      }
      await put(
        `stores/day=2024-01-${String(day).padStart(2, "0")}/x.parquet`,
        `SELECT i AS store, i % 7 AS g FROM range(${900 + day}) r(i)`,
      );
    }
    for (const table of ["sales", "stores"])
      expect(load(table, `${table}/**/*.parquet`)).toMatchObject({ status: 0, stderr: "" });
  });

  it.each([
    "SELECT * FROM sales WHERE i < 3 ORDER BY day, region, i",
    "SELECT day, region, count(*) AS n, sum(i) AS total FROM sales GROUP BY day, region",
    "SELECT count(*) AS n FROM sales WHERE region = 'south' AND day BETWEEN DATE '2024-01-03' AND DATE '2024-01-05'",
    "SELECT region, min(day) AS a, max(day) AS b FROM sales WHERE g = 3 GROUP BY region ORDER BY region",
    "SELECT day, count(*) AS n FROM sales JOIN stores USING (day, g) WHERE store < 20 GROUP BY day",
    "SELECT region || s AS x, count(DISTINCT day) AS n FROM sales GROUP BY 1",
    "SELECT day, i FROM sales WHERE region = 'north' ORDER BY i DESC, day LIMIT 15",
  ])("%s", (sql) => expectSame(sql, files));

  it("reads only files whose folders are asked for, and joins those of one name where they are", async () => {
    const where = "region = 'south' AND day >= DATE '2024-01-11'";
    expect(await explain(`SELECT count(*) FROM sales WHERE ${where}`)).toContain("files 2 of 24");
    const spread = await explain("SELECT day, i, count(*) FROM sales WHERE day >= DATE '2024-01-07' GROUP BY day, i");
    expect(new Set(spread.match(/files \d+ of \d+/g))).toEqual(new Set(["files 12 of 24"]));
    expect(await explain("SELECT sum(i * store) FROM sales JOIN stores USING (day)")).not.toMatch(/broadcast|hash\(/);
  });

  it("grows by folders whose names fit its columns, and by no others", async () => {
    // A month alone would be a number: in this table it is text.
    await put("months/month=01/x.parquet", "SELECT 1 AS v");
    await put("more/month=11/y.parquet", "SELECT 2 AS v");
    await put("wrong/v=3/z.parquet", "SELECT 'x' AS month");
    expect(load("months", "months/*/*.parquet")).toMatchObject({ status: 0 });
    expect(load("months", "more/*/*.parquet")).toMatchObject({ status: 0 });
    expect((await db.query("SELECT v, month FROM months ORDER BY v")).toText()).toEqual([
      ["1", "01"],
      ["2", "11"],
    ]);
    await put("bad/month=5/day=3/z.parquet", "SELECT 3 AS v");
    expect(load("months", "bad/*/*/*.parquet")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('no column "day"'),
    });
    const wrong = load("sales", "bad/*/*/*.parquet");
    expect(wrong).toMatchObject({ status: 1 });
    await put("later/day=tomorrow/region=x/z.parquet", "SELECT 1::BIGINT AS i, 1::BIGINT AS g, 'x' AS s");
    expect(load("sales", "later/**/*.parquet")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('column "day" is VARCHAR, but DATE'),
    });
    await expectSame("SELECT count(*) AS n FROM sales", files);
  });

  it("rows that are put into it bring the column themselves", async () => {
    await put("put/k=5/x.parquet", "SELECT 1::INTEGER AS v");
    expect(load("puts", "put/*/*.parquet")).toMatchObject({ status: 0 });
    await put("rows.parquet", "SELECT 2::INTEGER AS v, 6::BIGINT AS k");
    expect(load("puts", "rows.parquet")).toMatchObject({ status: 0, stderr: "" });
    expect((await db.query("SELECT v, k FROM puts ORDER BY v")).toText()).toEqual([
      ["1", "5"],
      ["2", "6"],
    ]);
    expect((await db.query("SELECT v FROM puts WHERE k = 6")).toText()).toEqual([["2"]]);
  });
});

it("the path's value, where files have the column too; files that say otherwise are not partitioned by it", async () => {
  await put("both/k=5/x.parquet", "SELECT 1 AS v, 6::INTEGER AS k");
  await put("both/k=7/x.parquet", "SELECT 2 AS v, 8::INTEGER AS k");
  const url = `grpc://${cluster.nodes[1]!.address}`;
  const to = ["--from", join(folder, "both/*/*.parquet"), "--to-cluster", url];
  expect(headcut(["load", "--table", "pair", ...to])).toMatchObject({ status: 0 });
  await expectSame("SELECT * FROM pair ORDER BY v", { pair: "both/*/*.parquet" });
  const declared = headcut(["load", "--table", "apart", "--partitioned-by", "k", ...to]);
  expect(declared).toMatchObject({ status: 1, stderr: expect.stringContaining("than its folder's name says") });
});
