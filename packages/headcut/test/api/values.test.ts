import { tableFromIPC } from "apache-arrow";
import { type Connection, QueryError, typeName } from "headcut";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openOracle } from "../oracle.ts";
import { connect } from "../target.ts";
import { everyType, selectEveryType } from "./every-type.ts";

let db: Connection;
beforeAll(async () => {
  db = await connect({ threads: 1 });
  await db.query(`CREATE TABLE every_type AS ${selectEveryType()}`);
});
afterAll(() => db.close());

const ordered = `SELECT * FROM every_type ORDER BY ordinal`;

describe("every type", () => {
  it("is named as DuckDB names it", async () => {
    const { columns } = await db.query(ordered);
    expect(
      columns.slice(1).map(({ name, type }) => [name, typeName(type).replace("DECIMAL(38,0)", "HUGEINT")]),
    ).toEqual(everyType.map(({ name, type }) => [name, type]));
  });

  it("has the texts that DuckDB gives it", async () => {
    const oracle = await openOracle();
    const { rows } = await oracle.query(`SELECT * FROM (${selectEveryType()}) ORDER BY ordinal`);
    expect((await db.query(ordered)).toText()).toEqual(rows);
    oracle.close();
  });

  it("becomes JavaScript without loss", async () => {
    const [first, second, third] = (await db.query(ordered)).toArray();
    expect(first).toEqual({
      ordinal: 0,
      b: true,
      i8: -128,
      i16: -32768,
      i32: -2147483648,
      i64: -(2n ** 63n),
      u8: 0,
      u16: 0,
      u32: 0,
      u64: 0n,
      f: 1.5,
      d: -0.1,
      dec4: "-999.9",
      dec18: "-999999999999.999999",
      dec38: "-9999999999999999999999999999.9999999999",
      huge: -(10n ** 38n) + 1n,
      day: "0001-01-01",
      t: "00:00:00",
      ts: "1969-12-31 23:59:59.999999",
      ts_ns: "2020-01-01 00:00:00.123456789",
      tz: "2019-12-31 22:00:00+00",
      iv: { months: 14, days: 3, micros: 14_706_700_000n },
      s: 'héllo, "wörld" 👋',
      bl: Uint8Array.of(0, 97, 98, 255),
      id: "00112233-4455-6677-8899-aabbccddeeff",
    });
    expect(second).toMatchObject({
      u32: 4294967295,
      u64: 2n ** 64n - 1n,
      f: Number.NEGATIVE_INFINITY,
      s: "",
      bl: new Uint8Array(),
      iv: { months: 0, days: -1, micros: 0n },
    });
    expect(Object.values(third!).slice(1)).toEqual(everyType.map(() => null));
  });

  it("of columns that share a name are all there", async () => {
    const result = await db.query("SELECT 1 AS a, 'x' AS a, 2.5 AS b, DATE '2024-01-01' AS a");
    expect(result.toRows()[0]!.slice(0, 3)).toEqual([1, "x", "2.5"]);
    const table = result.toArrow();
    expect(table.schema.fields.map(({ name, type }) => `${name} ${type}`)).toEqual([
      "a Int32",
      "a Utf8",
      "b Decimal[2e+1]",
      "a Date32<DAY>",
    ]);
    expect([0, 1].map((i) => table.getChildAt(i)!.get(0))).toEqual([1, "x"]);
  });

  it("is the same in rows, columns, objects and iteration", async () => {
    const result = await db.query(ordered);
    const objects = result.toArray();
    expect(result.rowCount).toBe(3);
    expect(result.toRows()).toEqual(objects.map((object) => Object.values(object)));
    expect(result.toColumns()).toEqual(result.columns.map(({ name }) => objects.map((object) => object[name] ?? null)));
    expect([...result]).toEqual(objects);
  });

  it.each(["stream", "file"] as const)("survives Arrow IPC (%s)", async (format) => {
    const result = await db.query(ordered);
    const table = tableFromIPC(result.toIPC(format));
    expect(table.numRows).toBe(3);
    expect(table.schema.fields.map(({ name }) => name)).toEqual(result.columns.map(({ name }) => name));
    await db.register("again", table);
    expect((await db.query("SELECT * FROM again ORDER BY ordinal")).toText()).toEqual(result.toText());
    expect((await db.query("SELECT * FROM again")).columns).toEqual(
      result.columns
        .map((column) => ({ ...column, nullable: true }))
        .map((column) => expect.objectContaining({ name: column.name, type: column.type })),
    );
  });

  it("has an empty result", async () => {
    const result = await db.query("SELECT * FROM every_type WHERE ordinal > 9");
    expect(result.rowCount).toBe(0);
    expect(result.toArray()).toEqual([]);
    expect(result.toRows()).toEqual([]);
    expect(result.toText()).toEqual([]);
    expect(result.toColumns()).toEqual(result.columns.map(() => []));
    expect(result.toArrow().schema.fields).toHaveLength(everyType.length + 1);
    expect(tableFromIPC(result.toIPC()).schema.fields).toHaveLength(everyType.length + 1);
  });
});

describe("the choice of 64-bit integers", () => {
  const sql = "SELECT 9007199254740991 AS a, CAST(1 AS UBIGINT) AS b, sum(x) AS c, 7 AS d FROM range(4) t(x)";

  it("is bigint by default", async () => {
    expect((await db.query(sql)).toArray()).toEqual([{ a: 9007199254740991n, b: 1n, c: 6n, d: 7 }]);
  });

  it("can be made for a call, a conversion or a connection", async () => {
    const numbers = { a: 9007199254740991, b: 1, c: 6, d: 7 };
    const strings = { a: "9007199254740991", b: "1", c: "6", d: 7 };
    expect((await db.query(sql, [], { int64: "number" })).toArray()).toEqual([numbers]);
    expect((await db.query(sql)).toArray({ int64: "string" })).toEqual([strings]);
    expect((await db.query(sql)).toRows({ int64: "number" })).toEqual([Object.values(numbers)]);
    expect((await db.query(sql)).toColumns({ int64: "string" })).toEqual(
      Object.values(strings).map((value) => [value]),
    );
    await using other = await connect({ threads: 1, int64: "string" });
    expect((await other.query(sql)).toArray()).toEqual([strings]);
    expect((await other.query(sql, [], { int64: "number" })).toArray()).toEqual([numbers]);
  });

  it.each(["9007199254740992", "-9007199254740992", "CAST(18446744073709551615 AS UBIGINT)"])(
    "never rounds: %s",
    async (literal) => {
      const result = await db.query(`SELECT ${literal} AS big`, [], { int64: "number" });
      expect(() => result.toArray()).toThrow(QueryError);
      expect(() => result.toArray()).toThrow(/too large for a JavaScript number/);
      expect(result.toArray({ int64: "string" })[0]!.big).toBe(
        /\d+/.exec(literal)![0].padStart(literal.startsWith("-") ? 17 : 0, "-"),
      );
    },
  );

  it("leaves NULL alone", async () => {
    for (const int64 of ["bigint", "number", "string"] as const) {
      expect((await db.query("SELECT CAST(NULL AS BIGINT) AS x", [], { int64 })).toArray()).toEqual([{ x: null }]);
    }
  });
});

describe("the choice of decimals and points in time", () => {
  it("decimals as numbers", async () => {
    const result = await db.query("SELECT 1.50 AS a, -0.001 AS b, CAST(NULL AS DECIMAL(9,2)) AS c");
    expect(result.toRows()).toEqual([["1.50", "-0.001", null]]);
    expect(result.toRows({ decimal: "number" })).toEqual([[1.5, -0.001, null]]);
  });

  it("dates and timestamps as Date, rounded down to milliseconds", async () => {
    const result = await db.query(
      "SELECT DATE '1969-12-31' AS a, TIMESTAMP '1969-12-31 23:59:59.999999' AS b, TIMESTAMPTZ '2020-01-01 00:00:00+02' AS c, CAST('2020-01-01 00:00:00.123456789' AS TIMESTAMP_NS) AS d, CAST(NULL AS DATE) AS e",
    );
    expect(result.toRows({ temporal: "date" })).toEqual([
      [
        new Date("1969-12-31T00:00:00Z"),
        new Date("1969-12-31T23:59:59.999Z"),
        new Date("2019-12-31T22:00:00Z"),
        new Date("2020-01-01T00:00:00.123Z"),
        null,
      ],
    ]);
  });
});

describe("column names", () => {
  it("that repeat are all in rows and columns, the last one in objects", async () => {
    const result = await db.query("SELECT 1 AS a, 2 AS a");
    expect(result.toRows()).toEqual([[1, 2]]);
    expect(result.toColumns()).toEqual([[1], [2]]);
    expect(result.toArray()).toEqual([{ a: 2 }]);
  });

  it("may be anything", async () => {
    const result = await db.query('SELECT 1 AS " ", 2 AS "ä b", 3 AS "__proto__"');
    expect(result.columns.map(({ name }) => name)).toEqual([" ", "ä b", "__proto__"]);
    expect(Object.entries(result.toArray()[0]!)).toEqual([
      [" ", 1],
      ["ä b", 2],
      ["__proto__", 3],
    ]);
  });
});

it("types the rows as the caller says", async () => {
  const rows: { readonly n: bigint }[] = (
    await db.query<{ n: bigint }>("SELECT count(*) AS n FROM every_type")
  ).toArray();
  expect(rows[0]!.n + 1n).toBe(4n);
});

it("keeps many batches in order", async () => {
  const result = await db.query("SELECT x FROM range(300000) t(x) ORDER BY x");
  const [column] = result.toColumns({ int64: "number" });
  expect(column).toHaveLength(300_000);
  expect(column!.every((value, index) => value === index)).toBe(true);
});
