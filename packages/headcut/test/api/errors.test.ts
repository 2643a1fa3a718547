import { type Connection, QueryError } from "headcut";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect, freeBytes, isCluster } from "../target.ts";

let db: Connection;
beforeAll(async () => {
  db = await connect({ threads: 1 });
  await db.query("CREATE TABLE orders (o_orderkey INTEGER, o_comment VARCHAR NOT NULL)");
});
afterAll(() => db.close());

const errorOf = async (promise: Promise<unknown>): Promise<QueryError> => {
  const error = await promise.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  expect(error).toBeInstanceOf(QueryError);
  return error as QueryError;
};

describe("a mistake has a code, and a place", () => {
  it.each<[string, string, string | undefined]>([
    ["SELEC 1", "syntax", "SELEC"],
    ["SELECT 1 +", "syntax", undefined],
    ["SELECT 'open", "syntax", undefined],
    ["SELECT * FROM oders", "unknown-table", "oders"],
    ["SELECT o_ordrkey FROM orders", "unknown-column", "o_ordrkey"],
    ["SELECT o_orderkey FROM orders a, orders b", "ambiguous-column", "o_orderkey"],
    ["SELECT sqroot(4)", "unknown-function", "sqroot"],
    ["SELECT o_orderkey + DATE '2020-01-01' + DATE '2020-01-01' FROM orders", "type-mismatch", undefined],
    ["SELECT CAST('x' AS INTEGER)", "conversion", undefined],
    ["SELECT CAST(300 AS TINYINT)", "conversion", undefined],
    ["SELECT 2147483647 + CAST(x AS INTEGER) FROM range(3) t(x)", "overflow", undefined],
    ["CREATE TABLE orders (a INTEGER)", "already-exists", undefined],
    ["DROP TABLE nothing", "unknown-table", undefined],
    ["INSERT INTO orders VALUES (1, NULL)", "invalid-argument", undefined],
    ["INSERT INTO orders VALUES (1)", "invalid-argument", undefined],
    ["COPY orders TO '/tmp/x.csv' (NONSENSE 1)", "invalid-argument", undefined],
    ["COPY orders TO '/tmp/x.parquet' (COMPRESSION lzma)", "invalid-argument", undefined],
    ["COPY orders TO '/no/such/folder/x.csv'", "io", undefined],
    ["SELECT * FROM a.b.c", "unknown-table", "a.b.c"],
    ["SELECT sum(o_orderkey) OVER () FROM orders", "unsupported", undefined],
    ["", "syntax", undefined],
    ["-- nothing", "syntax", undefined],
  ])("%s", async (sql, code, place) => {
    const error = await errorOf(db.query(sql));
    expect(error.code).toBe(code);
    expect(error.message).not.toBe("");
    if (place !== undefined) expect(sql.slice(error.range!.start, error.range!.end)).toBe(place);
  });

  it("in the second statement too, after the first was run", async () => {
    const sql = "CREATE OR REPLACE TABLE first AS SELECT 1 AS a;\nSELECT b FROM first";
    const error = await errorOf(db.query(sql));
    expect(error.describe(sql)).toContain("line 2, column 8: SELECT b FROM first");
    expect(db.tables()).toContain("first");
  });

  it("in every way to ask", async () => {
    const sql = "SELECT nope";
    for (const ask of [
      () => db.query(sql),
      () => db.stream(sql).next(),
      () => db.run(sql).next(),
      async () => (await db.prepare(sql)).query(),
      async () => (await db.prepare(sql)).stream().next(),
      () => db.explain(sql),
      () => db.explain(sql, { analyze: true }),
    ]) {
      const error = await errorOf(ask());
      expect(error.code).toBe("unknown-column");
      expect(error.range).toEqual({ start: 7, end: 11 });
    }
  });
});

describe("a hint helps", () => {
  it.each([
    ["SELECT * FROM oders", "orders"],
    ["SELECT o_ordrkey FROM orders", "o_orderkey"],
    ["SELECT uper('x')", "upper"],
  ])("%s: did you mean %s", async (sql, name) => {
    expect((await errorOf(db.query(sql))).hint).toContain(name);
  });
});

it("describe() shows the line, a caret under the place, and the hint", async () => {
  const sql = "SELECT o_orderkey,\n  o_coment\nFROM orders";
  expect((await errorOf(db.query(sql))).describe(sql).split("\n")).toEqual([
    expect.stringMatching(/^unknown-column: .*o_coment/),
    "line 2, column 3:   o_coment",
    "                    ^^^^^^^^",
    expect.stringMatching(/^hint: .*o_comment/),
  ]);
});

it("a failed statement changes nothing", async () => {
  const free = freeBytes(db);
  await errorOf(db.query("INSERT INTO orders SELECT x, CASE WHEN x < 90000 THEN 'a' END FROM range(100000) t(x)"));
  await errorOf(
    db.query("CREATE TABLE failed AS SELECT CAST(CAST(x AS VARCHAR) || 'x' AS INTEGER) AS y FROM range(10) t(x)"),
  );
  expect((await db.query("SELECT count(*) FROM orders")).toRows()).toEqual([[0n]]);
  expect(db.tables()).not.toContain("failed");
  expect(freeBytes(db)).toBe(free);
});

it.skipIf(isCluster)("options that make no sense are refused", async () => {
  for (const options of [
    { threads: 0 },
    { threads: 1.5 },
    { memoryLimitBytes: -1 },
    { memoryLimitBytes: Number.NaN },
    { timeoutMs: -1 },
    { timeoutMs: Number.NaN },
  ]) {
    expect((await errorOf(connect(options))).code).toBe("invalid-argument");
  }
  expect((await errorOf(db.query("SELECT 1", [], { timeoutMs: Number.NaN }))).code).toBe("invalid-argument");
  expect((await errorOf(db.query("SELECT 1", [], { memoryLimitBytes: 0 }))).code).toBe("invalid-argument");
});
