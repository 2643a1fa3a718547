import { type Connection, type Parameter, QueryError, typeName } from "headcut";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect } from "../target.ts";

let db: Connection;
beforeAll(async () => {
  db = await connect({ threads: 1 });
});
afterAll(() => db.close());

const roundTrip = async (value: Parameter): Promise<unknown[]> => {
  const result = await db.query("SELECT $1 AS v", [value]);
  return [typeName(result.columns[0]!.type), result.toRows()[0]![0]];
};

describe("a JavaScript value becomes SQL", () => {
  it.each<[Parameter, string, unknown]>([
    [true, "BOOLEAN", true],
    [0, "INTEGER", 0],
    [-0, "INTEGER", 0],
    [2147483647, "INTEGER", 2147483647],
    [2147483648, "BIGINT", 2147483648n],
    [-2147483649, "BIGINT", -2147483649n],
    [9007199254740991, "BIGINT", 9007199254740991n],
    [2 ** 60, "DOUBLE", 2 ** 60],
    [1.5, "DOUBLE", 1.5],
    [Number.NaN, "DOUBLE", Number.NaN],
    [Number.POSITIVE_INFINITY, "DOUBLE", Number.POSITIVE_INFINITY],
    [5n, "BIGINT", 5n],
    [-(2n ** 63n), "BIGINT", -(2n ** 63n)],
    [2n ** 63n, "DECIMAL(38,0)", 2n ** 63n],
    ["it's 👋", "VARCHAR", "it's 👋"],
    ["", "VARCHAR", ""],
    [new Date("1995-01-01"), "DATE", "1995-01-01"],
    [new Date("1969-12-31T12:00:00.001Z"), "TIMESTAMP", "1969-12-31 12:00:00.001"],
    [Uint8Array.of(0, 255), "BLOB", Uint8Array.of(0, 255)],
    [Buffer.from("ab"), "BLOB", Uint8Array.of(97, 98)],
    [{ type: { kind: "decimal", precision: 5, scale: 2 }, value: -12345n }, "DECIMAL(5,2)", "-123.45"],
    [{ type: { kind: "date" }, value: -1 }, "DATE", "1969-12-31"],
    [{ type: { kind: "int8" }, value: -128 }, "TINYINT", -128],
    [
      { type: { kind: "interval" }, value: { months: 1, days: -2, micros: 3n } },
      "INTERVAL",
      { months: 1, days: -2, micros: 3n },
    ],
    [{ type: { kind: "varchar" }, value: null }, "VARCHAR", null],
  ])("%s: %s", async (value, type, expected) => {
    expect(await roundTrip(value)).toEqual([type, expected]);
  });

  it.each([null, undefined])("%s is NULL", async (value) => {
    expect((await roundTrip(value))[1]).toBeNull();
    expect((await db.query("SELECT 1 AS x WHERE 1 = ?", [value])).rowCount).toBe(0);
  });

  it.each<[unknown, RegExp]>([
    [[1, 2], /array/],
    [{ a: 1 }, /object/],
    [() => 1, /function/],
    [Symbol("s"), /symbol/],
    [new Date(Number.NaN), /invalid Date/],
    [10n ** 38n, /38 digits/],
    [{ type: { kind: "date" }, value: "2020-01-01" }, /no DATE/],
    [{ type: { kind: "int8" }, value: 128 }, /no TINYINT/],
    [{ type: { kind: "int64" }, value: 1 }, /no BIGINT/],
    [{ type: { kind: "uint64" }, value: -1n }, /no UBIGINT/],
    [{ type: { kind: "decimal", precision: 3, scale: 0 }, value: 1000n }, /no DECIMAL/],
    [{ type: { kind: "uuid" }, value: new Uint8Array(15) }, /no UUID/],
  ])("%o is refused", async (value, message) => {
    const error = await db.query("SELECT $1", [value as Parameter]).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(QueryError);
    expect(error).toMatchObject({ code: "invalid-argument", message: expect.stringMatching(message) });
  });
});

describe("a parameter is found", () => {
  it("by position, in any order and more than once", async () => {
    expect((await db.query("SELECT $2, $1, $2", ["a", "b"])).toRows()).toEqual([["b", "a", "b"]]);
    expect((await db.query("SELECT ?, ?", [1, 2])).toRows()).toEqual([[1, 2]]);
  });

  it("by name, whatever its case", async () => {
    expect((await db.query("SELECT $from, $To, $FROM", { from: 1, TO: "x" })).toRows()).toEqual([[1, "x", 1]]);
  });

  it("wherever an expression may stand", async () => {
    await db.query("CREATE OR REPLACE TABLE t AS SELECT * FROM range(10) r(x)");
    const sql =
      "SELECT count(*) FROM t WHERE x BETWEEN $1 AND $2 OR x IN ($3, $4) GROUP BY x % $5 HAVING count(*) >= $6";
    expect((await db.query(`${sql} LIMIT $7`, [1, 3, 8, 9, 1, 1, 5])).toRows()).toEqual([[5n]]);
    expect((await db.query("INSERT INTO t VALUES (?), (?)", [100, null])).toArray()).toEqual([{ Count: 2n }]);
    expect((await db.query("SELECT count(x) FROM t")).toRows()).toEqual([[11n]]);
  });

  it("and never read as SQL", async () => {
    expect((await db.query("SELECT $1", ["'; DROP TABLE t; --"])).toRows()).toEqual([["'; DROP TABLE t; --"]]);
    expect((await db.query("SELECT 1 WHERE 'x' = ?", ["x' OR 1=1 --"])).rowCount).toBe(0);
  });

  it("adapts to what it is compared with, as a literal does", async () => {
    expect(
      (
        await db.query("SELECT DATE '1995-01-01' = $1, 1.5 = $2, CAST(3 AS TINYINT) < $3", ["1995-01-01", 1.5, 4])
      ).toRows(),
    ).toEqual([[true, true, true]]);
  });
});

describe("a slip is reported", () => {
  it.each<[string, readonly Parameter[] | Record<string, Parameter>, RegExp]>([
    ["SELECT $1", [], /\$1 has no value/],
    ["SELECT ?, ?", [1], /\$2 has no value/],
    ["SELECT $a", { b: 1 }, /no parameter \$b/],
    ["SELECT $a", [1], /1 parameter value for 0 parameters/],
    ["SELECT ?", [1, 2], /2 parameter values for 1 parameter/],
    ["SELECT 1", { x: 1 }, /no parameter \$x/],
    ["SELECT $toString", {}, /has no value/],
  ])("%s with %o", async (sql, parameters, message) => {
    await expect(db.query(sql, parameters)).rejects.toMatchObject({
      code: "invalid-argument",
      message: expect.stringMatching(message),
    });
  });
});
