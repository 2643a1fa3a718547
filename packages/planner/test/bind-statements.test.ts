import { constant, date, int32, int64, outputColumns, type TypedValue, typeName, varchar } from "@headcut/plan";
import { expect, test } from "vitest";
import { bind } from "../src/bind/bind.ts";
import type { BoundStatement } from "../src/bind/bound-statement.ts";
import { referencedTables } from "../src/bind/table-references.ts";
import { printExpression } from "../src/print/print-expression.ts";
import { parseStatement } from "../src/syntax/parse.ts";
import { contextOf, planOf } from "./bind-against-duckdb.ts";

const TABLES = [
  { name: "t", columns: ["a INTEGER NOT NULL", "b VARCHAR", "d DATE"], rows: [] },
  { name: "u", columns: ["a INTEGER NOT NULL", "c DECIMAL(9,2)"], rows: [] },
];
const context = contextOf(TABLES);
const bound = (sql: string): BoundStatement => bind(parseStatement(sql), context);

const columnsOf = (sql: string): readonly string[] => {
  const statement = bound(sql);
  if (statement.kind !== "query") throw new Error("no query");
  return outputColumns(statement.plan).map(
    ({ type, nullable }, i) => `${statement.names[i]} ${typeName(type)}${nullable ? "" : " NOT NULL"}`,
  );
};

test("names of a query's columns", () => {
  expect(
    columnsOf("SELECT a, t.b, a + 1, count(*) AS n, upper(b) FROM t GROUP BY a, b").map(
      (text) => text.split(" INT")[0],
    ),
  ).toEqual(["a", "b VARCHAR", "a + 1", "n BIGINT NOT NULL", "upper(b) VARCHAR"]);
  expect(bound("SELECT a, a FROM t")).toMatchObject({ names: ["a", "a"] });
  expect(bound("SELECT count(*) FROM t")).toMatchObject({ names: ["count_star()"] });
});

test("NOT NULL holds only where NULL is impossible", () => {
  expect(columnsOf("SELECT a, a + 1 AS p, a // 2 AS q, a / 2 AS r, a % 2 AS m, b || 'x' AS s FROM t")).toEqual([
    "a INTEGER NOT NULL",
    "p INTEGER NOT NULL",
    "q INTEGER",
    "r DOUBLE NOT NULL",
    "m INTEGER",
    "s VARCHAR",
  ]);
  expect(columnsOf("SELECT t.a, u.a AS ua, coalesce(u.a, t.a) AS c FROM t LEFT JOIN u ON t.a = u.a")).toEqual([
    "a INTEGER NOT NULL",
    "ua INTEGER",
    "c INTEGER NOT NULL",
  ]);
  expect(columnsOf("SELECT t.a, u.a AS ua FROM t RIGHT JOIN u ON t.a = u.a")).toEqual([
    "a INTEGER",
    "ua INTEGER NOT NULL",
  ]);
  expect(columnsOf("SELECT a FROM t FULL JOIN u USING (a)")).toEqual(["a INTEGER"]);
  expect(columnsOf("SELECT sum(a) AS s, count(a) AS c, stddev(a) AS d FROM t GROUP BY b")).toEqual([
    "s DECIMAL(38,0) NOT NULL",
    "c BIGINT NOT NULL",
    "d DOUBLE",
  ]);
  expect(columnsOf("SELECT sum(a) AS s FROM t")).toEqual(["s DECIMAL(38,0)"]);
  expect(columnsOf("SELECT sum(a) FILTER (WHERE b = 'x') AS s FROM t GROUP BY b")).toEqual(["s DECIMAL(38,0)"]);
  expect(
    columnsOf("SELECT EXISTS (SELECT 1 FROM u) AS e, a IN (SELECT a FROM u) AS i, b IN (SELECT b FROM t) AS n FROM t"),
  ).toEqual(["e BOOLEAN NOT NULL", "i BOOLEAN NOT NULL", "n BOOLEAN"]);
  expect(columnsOf("SELECT (SELECT max(a) FROM u) AS m FROM t")).toEqual(["m INTEGER"]);
  expect(columnsOf("SELECT a FROM t UNION SELECT NULL")).toEqual(["a INTEGER"]);
  expect(columnsOf("SELECT a FROM t EXCEPT SELECT NULL")).toEqual(["a INTEGER NOT NULL"]);
  expect(
    columnsOf("SELECT b IS NULL AS n, greatest(b, 'x') AS g, concat(b) AS c, CASE WHEN a > 1 THEN 2 END AS w FROM t"),
  ).toEqual(["n BOOLEAN NOT NULL", "g VARCHAR NOT NULL", "c VARCHAR NOT NULL", "w INTEGER"]);
});

test("parameters become constants that adapt as literals do", () => {
  const text = (sql: string, parameters: readonly TypedValue[] | Record<string, TypedValue>): string => {
    const plan = planOf(sql, contextOf(TABLES, parameters));
    if (plan.kind !== "project" || plan.input.kind !== "filter") throw new Error("no filter");
    return printExpression(plan.input.predicate);
  };
  expect(text("SELECT a FROM t WHERE d >= $1", [{ type: varchar, value: "1995-01-01" }])).toContain(
    "DATE '1995-01-01'",
  );
  expect(text("SELECT a FROM t WHERE a = ? AND b = ?", [constant(int64, 5n), constant(varchar, "x")])).toMatch(
    /= 5 AND .*= 'x'/,
  );
  expect(text("SELECT a FROM t WHERE d = $day", { day: { type: date, value: 0 } })).toContain("DATE '1970-01-01'");
  expect(text("SELECT a FROM t WHERE a = $1", [{ type: int32, value: null }])).toContain("NULL");
});

test("the clock is the context's", () => {
  const plan = planOf("VALUES (current_date, CAST(now() AS VARCHAR))", context);
  expect(plan).toMatchObject({ kind: "values", rows: [[{ value: 19782 }, { value: "2024-02-29 12:34:56.789+00" }]] });
});

test("referenced tables leave common tables out, where these are in scope", () => {
  const names = (sql: string): readonly string[] =>
    referencedTables(parseStatement(sql)).map((ref) => (ref.kind === "name" ? ref.parts.join(".") : `'${ref.path}'`));
  expect(names("SELECT * FROM t, s.u WHERE a IN (SELECT a FROM v)")).toEqual(["t", "s.u", "v"]);
  expect(names("WITH t AS (SELECT * FROM t) SELECT * FROM t JOIN u USING (a)")).toEqual(["t", "u"]);
  expect(names("SELECT * FROM (WITH c AS (SELECT 1) SELECT * FROM c) q, c")).toEqual(["c"]);
  expect(names("SELECT * FROM 'x/*.parquet', read_parquet('y.parquet'), range(5)")).toEqual([
    "'x/*.parquet'",
    "'y.parquet'",
  ]);
  expect(names("INSERT INTO t SELECT * FROM u")).toEqual(["t", "u"]);
  expect(names("EXPLAIN ANALYZE SELECT * FROM t")).toEqual(["t"]);
  expect(names("CREATE TABLE x AS FROM t")).toEqual(["t"]);
  expect(names("COPY t TO 'x.csv'")).toEqual(["t"]);
  expect(names("DESCRIBE t")).toEqual(["t"]);
});

test("CREATE TABLE and DROP", () => {
  expect(bound("CREATE OR REPLACE TABLE x (a INTEGER NOT NULL, p DECIMAL(15,2))")).toEqual({
    kind: "createTable",
    name: "x",
    orReplace: true,
    ifNotExists: false,
    columns: [
      { name: "a", type: { kind: "int32" }, nullable: false },
      { name: "p", type: { kind: "decimal", precision: 15, scale: 2 }, nullable: true },
    ],
  });
  expect(bound("CREATE TABLE IF NOT EXISTS x (k) AS SELECT a, b, a FROM t")).toMatchObject({
    kind: "createTableAs",
    ifNotExists: true,
    columns: [{ name: "k" }, { name: "b" }, { name: "a" }],
  });
  expect(bound("CREATE TABLE x AS SELECT a, a, a AS a_1, NULL AS n FROM t")).toMatchObject({
    columns: [{ name: "a" }, { name: "a_1" }, { name: "a_1_1" }, { name: "n", type: { kind: "int32" } }],
  });
  expect(bound("DROP TABLE IF EXISTS main.x")).toEqual({ kind: "drop", name: "x", ifExists: true });
});

test("INSERT yields the table's columns, cast, with NULL for what is missing", () => {
  const statement = bound("INSERT INTO u (c) VALUES (1), ('2.345')");
  if (statement.kind !== "insert" || statement.plan.kind !== "project") throw new Error("no insert");
  expect(statement.table.name).toBe("u");
  expect(outputColumns(statement.plan).map(({ name, type }) => `${name} ${typeName(type)}`)).toEqual([
    "a INTEGER",
    "c DECIMAL(9,2)",
  ]);
  const values = statement.plan.input;
  if (values.kind !== "values") throw new Error("no values");
  expect(values.rows).toEqual([
    [constant({ kind: "decimal", precision: 9, scale: 2 }, 100n)],
    [constant({ kind: "decimal", precision: 9, scale: 2 }, 235n)],
  ]);
  const selected = bound("INSERT INTO u SELECT a, 1 FROM t");
  if (selected.kind !== "insert") throw new Error("no insert");
  expect(outputColumns(selected.plan).map(({ type }) => typeName(type))).toEqual(["INTEGER", "DECIMAL(9,2)"]);
});

test("COPY, EXPLAIN, DESCRIBE, SHOW TABLES", () => {
  expect(bound("COPY t TO 'x.parquet' (COMPRESSION zstd, ROW_GROUP_SIZE 1000)")).toMatchObject({
    kind: "copyTo",
    names: ["a", "b", "d"],
    path: "x.parquet",
    format: "parquet",
    options: { compression: "zstd", row_group_size: 1000 },
  });
  expect(bound("COPY (SELECT 1 AS one) TO 'x' (FORMAT json)")).toMatchObject({
    format: "json",
    names: ["one"],
    options: {},
  });
  expect(bound("COPY t TO 'x.csv' (HEADER, DELIMITER '|')")).toMatchObject({
    format: "csv",
    options: { header: true, delimiter: "|" },
  });
  expect(bound("EXPLAIN (FORMAT json) SELECT 1")).toMatchObject({
    kind: "explain",
    format: "json",
    statement: { kind: "query" },
  });
  expect(bound("DESCRIBE u")).toMatchObject({ columns: [{ name: "a", nullable: false }, { name: "c" }] });
  expect(bound("DESCRIBE SELECT a + 1.5 AS x FROM u")).toEqual({
    kind: "describe",
    columns: [{ name: "x", type: { kind: "decimal", precision: 12, scale: 1 }, nullable: false }],
  });
  expect(bound("SHOW TABLES")).toEqual({ kind: "showTables" });
});
