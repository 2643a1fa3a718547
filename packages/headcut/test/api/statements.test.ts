import { type Connection, QueryError } from "headcut";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { connect, freeBytes, isCluster } from "../target.ts";

let db: Connection;
beforeEach(async () => {
  db = await connect({ threads: 1 });
});
afterEach(() => db.close());

describe("query", () => {
  it("runs several statements and returns the last one's result", async () => {
    const result = await db.query(
      "CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1), (2); SELECT sum(a) AS s FROM t;",
    );
    expect(result.toArray()).toEqual([{ s: 3n }]);
  });

  it("of a statement without a result has no columns and no rows", async () => {
    const result = await db.query("CREATE TABLE t (a INTEGER)");
    expect([result.columns, result.rowCount, result.toArray(), result.toRows()]).toEqual([[], 0, [], []]);
    expect(result.toArrow().numCols).toBe(0);
  });
});

describe("in-memory tables", () => {
  it("are created, filled, read and dropped", async () => {
    await db.query("CREATE TABLE t (a INTEGER NOT NULL, b VARCHAR)");
    expect((await db.query("INSERT INTO t VALUES (1, 'x'), (2, NULL)")).toArray()).toEqual([{ Count: 2n }]);
    expect((await db.query("INSERT INTO t (b, a) SELECT 'y', 3")).toArray()).toEqual([{ Count: 1n }]);
    expect((await db.query("INSERT INTO t (a) VALUES (4)")).toArray()).toEqual([{ Count: 1n }]);
    expect((await db.query("SELECT * FROM t ORDER BY a")).toRows()).toEqual([
      [1, "x"],
      [2, null],
      [3, "y"],
      [4, null],
    ]);
    await db.query("DROP TABLE t");
    expect(db.tables()).toEqual([]);
  });

  it.skipIf(isCluster)("give their memory back when they are dropped or replaced", async () => {
    const free = freeBytes(db);
    await db.query("CREATE TABLE t AS SELECT x, 'text ' || x AS s FROM range(100000) r(x)");
    const held = free - freeBytes(db);
    expect(held).toBeGreaterThan(1_000_000);
    await db.query("CREATE OR REPLACE TABLE t AS SELECT x, 'text ' || x AS s FROM range(100000) r(x)");
    expect(free - freeBytes(db)).toBe(held);
    await db.query("DROP TABLE t");
    expect(freeBytes(db)).toBe(free);
  });

  it("IF NOT EXISTS, OR REPLACE, IF EXISTS", async () => {
    await db.query("CREATE TABLE t AS SELECT 1 AS a");
    await db.query("CREATE TABLE IF NOT EXISTS t AS SELECT 2 AS a");
    expect((await db.query("SELECT a FROM t")).toRows()).toEqual([[1]]);
    await db.query("CREATE TABLE IF NOT EXISTS t (z VARCHAR)");
    await db.query("CREATE OR REPLACE TABLE t AS SELECT a + 1 AS a FROM t");
    expect((await db.query("SELECT a FROM t")).toRows()).toEqual([[2]]);
    await db.query("DROP TABLE IF EXISTS t; DROP TABLE IF EXISTS t");
    await expect(db.query("DROP TABLE t")).rejects.toMatchObject({ code: "unknown-table" });
  });

  it("INSERT from the table itself sees the rows there were", async () => {
    await db.query("CREATE TABLE t AS SELECT x FROM range(1000) r(x)");
    expect((await db.query("INSERT INTO t SELECT x + 1000 FROM t")).toArray()).toEqual([{ Count: 1000n }]);
    expect((await db.query("SELECT count(*), max(x) FROM t")).toRows()).toEqual([[2000n, 1999n]]);
  });

  it("INSERT of a column that is not there names it", async () => {
    await db.query("CREATE TABLE t (alpha INTEGER)");
    await expect(db.query("INSERT INTO t (alhpa) VALUES (1)")).rejects.toMatchObject({
      code: "unknown-column",
      hint: expect.stringContaining("alpha"),
    });
  });
});

describe("SHOW TABLES and DESCRIBE", () => {
  it("list names, columns, types", async () => {
    await db.query('CREATE TABLE "Zeta" (a INTEGER NOT NULL, b DECIMAL(9,2)); CREATE TABLE alpha (x DATE)');
    expect((await db.query("SHOW TABLES")).toArray()).toEqual([{ name: "Zeta" }, { name: "alpha" }]);
    const described = [
      { column_name: "a", column_type: "INTEGER", null: "NO" },
      { column_name: "b", column_type: "DECIMAL(9,2)", null: "YES" },
    ];
    expect((await db.query("DESCRIBE zeta")).toArray()).toEqual(described);
    expect((await db.query("DESCRIBE SELECT a, b FROM Zeta")).toArray()).toEqual(described);
  });
});

describe("stream", () => {
  it("gives Arrow batches with the rows of query", async () => {
    const sql = "SELECT x, 'n' || x AS s FROM range(100000) t(x) WHERE x % 3 = 0";
    let rows = 0;
    let sum = 0n;
    for await (const batch of db.stream(sql)) {
      expect(batch.schema.fields.map(({ name }) => name)).toEqual(["x", "s"]);
      rows += batch.numRows;
      for (const value of batch.getChildAt(0)!) sum += value as bigint;
    }
    expect([rows, sum]).toEqual([33334, 1666683333n]);
  });

  it("gives no batch for no rows, and takes one statement", async () => {
    const batches = [];
    for await (const batch of db.stream("SELECT 1 AS a WHERE FALSE")) batches.push(batch);
    expect(batches).toEqual([]);
    await expect(db.stream("SELECT 1; SELECT 2").next()).rejects.toMatchObject({
      code: "syntax",
      range: { start: 10, end: 18 },
    });
    await expect(db.stream("").next()).rejects.toMatchObject({ code: "syntax" });
  });

  it("starts with the first next", async () => {
    const rows = db.stream("SELECT * FROM later");
    await db.query("CREATE TABLE later AS SELECT 1 AS a");
    expect((await rows.next()).value.numRows).toBe(1);
    await rows.return(undefined);
  });
});

describe("run", () => {
  it("gives each statement's result in turn", async () => {
    const seen: unknown[] = [];
    for await (const { columns, batches } of db.run(
      "SELECT 1 AS a; CREATE TABLE t (z DATE); SELECT 2 AS b WHERE FALSE",
    )) {
      let rows = 0;
      for await (const batch of batches) rows += batch.numRows;
      seen.push([columns.map(({ name }) => name), rows]);
    }
    expect(seen).toEqual([
      [["a"], 1],
      [[], 0],
      [["b"], 0],
    ]);
  });

  it("of nothing gives nothing", async () => {
    expect(await db.run(" ; -- nothing").next()).toEqual({ done: true, value: undefined });
  });
});

describe("prepare", () => {
  it("runs again with other values, types and tables", async () => {
    await db.query("CREATE TABLE t AS SELECT x FROM range(100) r(x)");
    const prepared = await db.prepare<{ n: bigint }>("SELECT count(*) AS n FROM t WHERE x >= $1");
    expect((await prepared.query([10])).toArray()).toEqual([{ n: 90n }]);
    expect((await prepared.query([99n])).toArray()).toEqual([{ n: 1n }]);
    expect((await prepared.query([1.5])).toArray()).toEqual([{ n: 98n }]);
    expect((await prepared.query(["50"])).toArray()).toEqual([{ n: 50n }]);
    expect((await prepared.query([null])).toArray()).toEqual([{ n: 0n }]);
    await db.query("INSERT INTO t SELECT 1000 FROM range(5)");
    expect((await prepared.query([10], { int64: "string" })).toArray()).toEqual([{ n: "95" }]);
    await db.query("CREATE OR REPLACE TABLE t AS SELECT 7 AS x");
    expect((await prepared.query([7])).toArray()).toEqual([{ n: 1n }]);
    for await (const batch of prepared.stream([8])) expect(batch.toArray()).toHaveLength(1);
  });

  it("runs several times at once", async () => {
    const prepared = await db.prepare("SELECT $x * 2 AS y");
    const results = await Promise.all([1, 2, 3].map((x) => prepared.query({ x })));
    expect(results.map((result) => result.toArray()[0]!.y)).toEqual([2, 4, 6]);
  });

  it("also inserts", async () => {
    await db.query("CREATE TABLE t (a INTEGER, b VARCHAR)");
    const insert = await db.prepare("INSERT INTO t VALUES (?, ?)");
    for (const [a, b] of [
      [1, "x"],
      [2, null],
    ] as const)
      await insert.query([a, b]);
    expect((await db.query("SELECT * FROM t ORDER BY a")).toRows()).toEqual([
      [1, "x"],
      [2, null],
    ]);
  });

  it("reports syntax at once, and takes exactly one statement", async () => {
    for (const sql of ["SELECT FROM WHERE", "", "SELECT 1; SELECT 2"]) {
      await expect(db.prepare(sql)).rejects.toBeInstanceOf(QueryError);
      await expect(db.prepare(sql)).rejects.toMatchObject({ code: "syntax" });
    }
  });
});
