import { mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Connection } from "headcut";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { firstDifference } from "../compare-rows.ts";
import { type Oracle, openOracle } from "../oracle.ts";
import { connect, scratchFolder } from "../target.ts";

const folder = scratchFolder("headcut-path-columns-");
let oracle: Oracle;
let connections: Connection[];
beforeAll(async () => {
  oracle = await openOracle();
  connections = [await connect({ threads: 1 }), await connect({ threads: 4 })];
});
afterAll(async () => {
  for (const db of connections) await db.close();
  oracle.close();
  rmSync(folder, { recursive: true, force: true });
});

const put = async (path: string, select: string): Promise<void> => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  await oracle.run(
    `COPY (${select}) TO '${join(folder, path).replaceAll("'", "''")}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`,
  );
};

/** DuckDB's answer, names and types included. `$` is the folder. */
const expectSame = async (sql: string): Promise<void> => {
  const text = sql.replaceAll("$", folder);
  const expected = await oracle.query(text);
  for (const db of connections) {
    const result = await db.query(text);
    expect(
      result.columns.map(({ name }) => name),
      sql,
    ).toEqual(expected.names);
    expect(
      (await db.query(`DESCRIBE ${text}`)).toRows().map((row) => row[1]),
      sql,
    ).toEqual(expected.types.map((type) => type.replace("HUGEINT", "DECIMAL(38,0)")));
    expect(firstDifference(expected.types, expected.rows, result.toText(), /ORDER BY/.test(sql)), sql).toBeUndefined();
  }
};

describe("what is a column", () => {
  it.each([
    ["numbers, and names that look like some", ["year=2023/month=01", "year=2024/month=11"]],
    ["dates and NULL", ["d=2024-01-05", "d=2023-2-28", "d=__HIVE_DEFAULT_PARTITION__"]],
    ["no dates", ["d=2024-01-05", "d=2023-02-29"]],
    ["times", ["t=2024-01-05 10:00:00", "t=2024-01-05T23:59:59.25", "t=0024-1-5 1:02"]],
    ["dates and times are neither", ["t=2024-01-05 10:00:00", "t=2024-01-05"]],
    ["escapes, which are text", ["k=a%20b%2Fc", "k=%E4%BD%A0", "k=100%", "k=%zz", "k=a+b", "k="]],
    ["an escaped time is text", ["t=2024-01-05%2010:00:00"]],
    ["integers to the last", ["k=-9223372036854775808", "k=9223372036854775807", "k=0"]],
    ["too large an integer", ["k=9223372036854775808", "k=1"]],
    ["zeros, signs and points are text", ["k=007", "k=+5", "k=1.0"]],
    ["NULL as text", ["k=null", "k=NULL", "k=1"]],
    ["nothing but NULL", ["k=__HIVE_DEFAULT_PARTITION__"]],
    ["columns in the order of their names", ["z=1/a=2/M=3"]],
    ["columns in any order of folders", ["a=1/b=2", "b=3/a=4"]],
    ["one twice", ["k=1/k=2"]],
    ["not what one file lacks", ["k=1", "j=2"]],
    ["not of other case", ["K=1", "k=2"]],
    ["not what has no name, or two signs", ["=1/a=b=c"]],
    ["names are not escaped", ["a%20b=1"]],
  ])("%s", async (name, paths) => {
    const root = name.replace(/\W+/g, "-");
    for (const [i, path] of paths.entries()) await put(`${root}/${path}/x=${i}.parquet`, `SELECT ${i} AS v`);
    await expectSame(`SELECT * FROM '$/${root}/**/*.parquet' ORDER BY v`);
  });

  it("also of one file, and of a relative part of its path", async () => {
    await put("single/k=1/x.parquet", "SELECT 1 AS v");
    await expectSame("SELECT * FROM '$/single/k=1/x.parquet'");
    await expectSame("SELECT v, k + 1 AS n FROM '$/single/*/x.parquet'");
  });

  it("not where a file lies beside the folders", async () => {
    await put("beside/k=1/x.parquet", "SELECT 1 AS v");
    await put("beside/y.parquet", "SELECT 2 AS v");
    await expectSame("SELECT * FROM '$/beside/**/*.parquet' ORDER BY v");
  });

  it("the path's, where a file has one too", async () => {
    await put("both/k=5/x.parquet", "SELECT 1 AS v, 6::INTEGER AS K, 'w' AS w");
    await put("both/k=7/x.parquet", "SELECT 2 AS v, 8::INTEGER AS K, 'x' AS w");
    await expectSame("SELECT * FROM '$/both/*/*.parquet' ORDER BY v");
    for (const value of [5, 6]) await expectSame(`SELECT v FROM '$/both/*/*.parquet' WHERE k = ${value}`);
    await put("some/k=5/x.parquet", "SELECT 1 AS v");
    await put("some/k=7/x.parquet", "SELECT 2 AS v, 'x' AS k");
    await expectSame("SELECT * FROM '$/some/*/*.parquet' ORDER BY v");
  });
});

describe("queries", () => {
  const T = "'$/sales/**/*.parquet'";
  beforeAll(async () => {
    for (let month = 1; month <= 6; month++) {
      for (const region of ["north", "so%75th", "__HIVE_DEFAULT_PARTITION__"]) {
        const rows = 3000 + month * 500;
        const select = `SELECT i, i % 7 AS g, 'text ' || (i % 13) AS s, (i * 37 % 1000) / 4.0 AS d FROM range(${rows}) r(i)`;
        await put(`sales/day=2024-0${month}-01/code=${month * 10}/region=${region}/part.parquet`, select);
      }
    }
    await put("months.parquet", "SELECT DATE '2024-01-01' + CAST(m * 30 AS INTEGER) AS day, m FROM range(9) r(m)");
  });

  it.each([
    `SELECT count(*), sum(i) FROM ${T}`,
    `SELECT DISTINCT day FROM ${T}`,
    `SELECT day, code, region, count(*), sum(i), min(s) FROM ${T} GROUP BY ALL`,
    `SELECT region, count(*) FROM ${T} GROUP BY region ORDER BY 1 NULLS FIRST`,
    `SELECT region || s AS x, code + g AS y, count(*) FROM ${T} GROUP BY 1, 2`,
    `SELECT count(*), sum(i), min(day) AS a, max(day) AS b FROM ${T} WHERE day >= DATE '2024-03-01' AND day < DATE '2024-05-01'`,
    `SELECT count(*) FROM ${T} WHERE day = '2024-02-01' AND region = 'south' AND i < 100`,
    `SELECT code, count(*) FROM ${T} WHERE region IS NULL AND code IN (10, 30, 70) GROUP BY code`,
    `SELECT code, count(*) FROM ${T} WHERE region LIKE 's%' OR code = 60 GROUP BY code`,
    `SELECT count(*) FROM ${T} WHERE extract(month FROM day) = 4 AND length(region) = 5`,
    `SELECT count(*) FROM ${T} WHERE day > DATE '2030-01-01'`,
    `SELECT day, i FROM ${T} WHERE code > i ORDER BY day, code, region, i`,
    `SELECT DISTINCT region, day FROM ${T} WHERE i = 6999 OR code = 20`,
    `SELECT m, count(*), sum(i) FROM ${T} JOIN '$/months.parquet' USING (day) GROUP BY m`,
    `SELECT count(*) FROM ${T} a JOIN ${T} b ON a.day = b.day AND a.region = b.region AND a.i = b.i WHERE b.code = 20`,
    `SELECT count(*) FROM ${T} WHERE day IN (SELECT day FROM '$/months.parquet' WHERE m < 2)`,
    `SELECT region, day, i FROM ${T} ORDER BY i DESC, day DESC, region NULLS LAST LIMIT 20`,
    `SELECT code, i FROM ${T} WHERE code BETWEEN 15 AND 35 AND d > 249 ORDER BY code, i, region LIMIT 50`,
    `SELECT count(*) FROM (SELECT * FROM ${T} WHERE code = 10 UNION ALL SELECT * FROM ${T} WHERE code = 20)`,
  ])("%s", expectSame);

  it("a parameter is another plan", async () => {
    for (const db of connections) {
      const sql = `SELECT count(*) AS n FROM ${T} WHERE code = $code`.replace("'$", `'${folder}`);
      for (const [code, n] of [
        [10n, 10_500],
        [20n, 12_000],
        [11n, 0],
      ] as const) {
        expect((await db.query(sql, { code })).toRows(), String(code)).toEqual([[BigInt(n)]]);
      }
    }
  });

  it("EXPLAIN counts the files that are left, of filters that only paths decide", async () => {
    const explain = async (where: string) =>
      (await connections[0]!.query(`EXPLAIN SELECT i FROM ${T} WHERE ${where}`.replaceAll("$", folder)))
        .toText()
        .join("\n");
    expect(await explain("day = DATE '2024-02-01' AND i > 5")).toMatch(/files 3 of 18\n.*filter i#\d+ > 5/);
    expect(await explain("day = DATE '2024-02-01'")).not.toMatch(/physical plan:.*filter/s);
    expect(await explain("region IS NULL AND length(region || s) > 3")).toMatch(/files 6 of 18/);
    expect(await explain("code > i")).not.toMatch(/files/);
    expect(await explain("i > 5")).not.toMatch(/files/);
  });
});
