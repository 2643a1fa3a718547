import { QueryError } from "@headcut/plan";
import { expect, test } from "vitest";
import { bind } from "../src/bind/bind.ts";
import { parseStatement } from "../src/syntax/parse.ts";
import { contextOf } from "./bind-against-duckdb.ts";

const context = contextOf([
  {
    name: "orders",
    columns: ["o_orderkey BIGINT", "o_orderdate DATE", "o_comment VARCHAR", "o_totalprice DOUBLE", "o_flag BOOLEAN"],
    rows: [],
  },
  { name: "customer", columns: ["c_custkey BIGINT", "c_name VARCHAR"], rows: [] },
]);

const errorOf = (sql: string): string => {
  try {
    bind(parseStatement(sql), context);
    return `${sql}\nbinds`;
  } catch (error) {
    if (error instanceof QueryError) return error.describe(sql);
    throw error;
  }
};

/** Statements with one mistake each; what is said about them is in the golden file (`vitest run -u` rewrites it). */
const MISTAKES: Readonly<Record<string, string>> = {
  names: `
    SELECT o_orderkye FROM orders
    SELECT x.o_orderkey FROM orders o
    SELECT o.o_orderkye FROM orders o
    SELECT orders.o_orderkey FROM orders o
    SELECT * FROM oders
    SELECT * FROM 'x.parquet'
    SELECT o_orderkey FROM orders a, orders b
    SELECT * EXCLUDE (nope) FROM orders
    SELECT nope.* FROM orders
    SELECT *
    SELECT * FROM orders JOIN customer USING (o_orderkey)
    SELECT * FROM orders NATURAL JOIN customer
    SELECT * FROM (SELECT 1 AS a) AS t(b, c)
    WITH c AS (SELECT nope FROM orders) SELECT 1
    SELECT c_name FROM orders WHERE EXISTS (SELECT 1 FROM customer)
    DESCRIBE nope`,
  functions: `
    SELECT uper(o_comment) FROM orders
    SELECT upper(o_comment, 1) FROM orders
    SELECT upper(o_orderkey) FROM orders
    SELECT md5(o_comment) FROM orders
    SELECT round(o_totalprice, 1, 2) FROM orders
    SELECT coalesce() FROM orders
    SELECT nullif(1) FROM orders
    SELECT upper(DISTINCT o_comment) FROM orders
    SELECT extract(yeer FROM o_orderdate) FROM orders
    SELECT date_trunc('mont', o_orderdate) FROM orders
    SELECT date_trunc(o_comment, o_orderdate) FROM orders
    SELECT year('2020-01-01')
    SELECT timezone('Europe/Berlin', TIMESTAMP '2020-01-01')
    SELECT * FROM rnge(5)
    SELECT * FROM range(500000000000000)
    SELECT * FROM range(1, 2, 0)
    SELECT * FROM range(o_orderkey)`,
  types: `
    SELECT * FROM orders WHERE o_orderdate = o_flag
    SELECT * FROM orders WHERE o_orderdate = '1995-13-01'
    SELECT * FROM orders WHERE o_orderkey = 'abc'
    SELECT * FROM orders WHERE o_orderdate
    SELECT o_orderdate + '1 day' FROM orders
    SELECT o_orderdate + o_comment FROM orders
    SELECT -o_comment FROM orders
    SELECT CASE WHEN o_flag THEN 1 ELSE o_comment END FROM orders
    SELECT coalesce(o_flag, o_orderdate) FROM orders
    SELECT CAST(o_orderdate AS INTEGER) FROM orders
    SELECT CAST('x' AS INTEGER)
    SELECT o_comment LIKE 5 FROM orders
    SELECT o_comment LIKE 'a' ESCAPE 'bc' FROM orders
    SELECT interval 'foo'
    SELECT (1, 2)
    SELECT (1, 2) < (1, 3)
    SELECT (1, 2) = (1, 2, 3)
    VALUES (1), (2, 3)
    VALUES (1), (DATE '2020-01-01')
    SELECT o_orderkey FROM orders UNION SELECT c_name, 1 FROM customer
    SELECT o_orderdate FROM orders UNION SELECT c_custkey FROM customer`,
  aggregates: `
    SELECT * FROM orders WHERE sum(o_totalprice) > 1
    SELECT sum(sum(o_totalprice)) FROM orders
    SELECT count(*) FROM orders GROUP BY count(*)
    SELECT * FROM orders JOIN customer ON count(*) > 1
    SELECT o_comment, count(*) FROM orders GROUP BY o_flag
    SELECT o_comment, count(*) FROM orders
    SELECT *, count(*) FROM orders
    SELECT 1 FROM orders HAVING o_flag
    SELECT count(*) FROM orders ORDER BY o_comment
    SELECT o_flag, (SELECT max(c_name) FROM customer WHERE c_custkey = o_orderkey) FROM orders GROUP BY o_flag
    SELECT count(*) FROM orders GROUP BY 3
    SELECT count(*) FROM orders GROUP BY 1
    SELECT sum(o_comment) FROM orders
    SELECT sum(*) FROM orders
    SELECT count(o_flag, o_comment) FROM orders
    SELECT median(o_orderdate) FROM orders
    SELECT quantile_cont(o_totalprice, 0.9) FROM orders
    SELECT string_agg(o_comment, o_comment) FROM orders`,
  subqueries: `
    SELECT (SELECT c_custkey, c_name FROM customer)
    SELECT o_orderkey IN (SELECT c_name FROM customer) FROM orders
    SELECT o_orderkey FROM orders WHERE o_orderkey IN (SELECT c_custkey, c_name FROM customer)
    SELECT o_orderkey FROM orders WHERE (o_orderkey, 1) > ALL (SELECT c_custkey, 1 FROM customer)
    SELECT 1 FROM orders FULL JOIN customer ON o_orderkey = (SELECT max(c_custkey) FROM customer)
    SELECT 1 FROM orders RIGHT JOIN LATERAL (SELECT c_name FROM customer WHERE c_custkey = o_orderkey) c ON true`,
  order: `
    SELECT o_flag FROM orders ORDER BY 2
    SELECT DISTINCT o_flag FROM orders ORDER BY o_comment
    SELECT DISTINCT ON (o_flag) * FROM orders
    SELECT * FROM orders LIMIT o_orderkey
    SELECT * FROM orders LIMIT -1
    SELECT * FROM orders LIMIT 'x'
    SELECT * FROM orders LIMIT (SELECT 1)
    SELECT $1`,
  statements: `
    CREATE TABLE t (a INTEGER, A VARCHAR)
    CREATE TABLE s.t (a INTEGER)
    CREATE TABLE t (a, b) AS SELECT 1
    INSERT INTO orders (o_orderkey, nope) VALUES (1, 2)
    INSERT INTO orders (o_orderkey, o_orderkey) VALUES (1, 2)
    INSERT INTO orders VALUES (1, 2)
    INSERT INTO orders (o_orderdate) VALUES ('2020-02-30')
    INSERT INTO orders (o_orderdate) SELECT c_custkey FROM customer
    COPY orders TO 'x.foo' (FORMAT foo)`,
};

test.each(Object.entries(MISTAKES))("mistakes in %s are explained", async (topic, statements) => {
  const lines = statements.split("\n").map((line) => line.trim());
  const text = lines.filter((line) => line !== "").map(errorOf);
  await expect(`${text.join("\n\n")}\n`).toMatchFileSnapshot(`golden/bind-errors-${topic}.txt`);
});
