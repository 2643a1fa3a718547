import type { DuckDBConnection } from "@duckdb/node-api";
import { beforeAll, describe, expect, test } from "vitest";
import { bind } from "../src/bind/bind.ts";
import type { BoundQuery } from "../src/bind/bound-statement.ts";
import { columnIds } from "../src/bind/column-ids.ts";
import { type PlannedQuery, planQuery } from "../src/plan-query.ts";
import { parseStatement } from "../src/syntax/parse.ts";
import { contextOf, dataOf, duckdbWith, type TestTable, textOf } from "./bind-against-duckdb.ts";
import { runPhysical } from "./run-physical.ts";

/** Physical plans, run by the definitions of their operators, against DuckDB: subqueries, NULLs, empty inputs. */
const TABLES: readonly TestTable[] = [
  {
    name: "t",
    columns: ["id INTEGER NOT NULL", "a INTEGER", "b INTEGER"],
    rows: [
      ["1", "1", "10"],
      ["2", "1", null],
      ["3", "2", "20"],
      ["4", null, "30"],
      ["5", "7", "10"],
      ["6", null, null],
    ],
  },
  {
    name: "s",
    columns: ["id INTEGER NOT NULL", "a INTEGER", "c INTEGER"],
    rows: [
      ["1", "1", "10"],
      ["2", "1", "11"],
      ["3", "2", null],
      ["4", null, "30"],
      ["5", "3", "10"],
    ],
  },
  { name: "empty", columns: ["id INTEGER NOT NULL", "a INTEGER", "c INTEGER"], rows: [] },
];

const context = contextOf(TABLES);
const data = dataOf(TABLES);
let connection: DuckDBConnection;
beforeAll(async () => {
  connection = await duckdbWith(TABLES);
});

const plan = (sql: string): PlannedQuery => {
  const ids = columnIds();
  const bound = bind(parseStatement(sql), context, ids) as BoundQuery;
  return planQuery(bound.plan, bound.names, ids);
};

const show = (cells: readonly (string | null)[]): string => cells.map((cell) => cell ?? "NULL").join(" | ");

const ours = (sql: string): readonly string[] => {
  const { physical } = plan(sql);
  return runPhysical(physical, data).map((row) =>
    show(physical.columns.map(({ id, type }) => textOf({ type, value: row.get(id)! }))),
  );
};

const theirs = async (sql: string): Promise<readonly string[]> => {
  const names = (await connection.runAndReadAll(`DESCRIBE ${sql}`)).getRowsJson().map((_, i) => `c${i}`);
  const casts = names.map((name) => `CAST(${name} AS VARCHAR)`).join(", ");
  const rows = (await connection.runAndReadAll(`SELECT ${casts} FROM (${sql}) AS q(${names.join(", ")})`)).getRows();
  return rows.map((row) => show(row as (string | null)[]));
};

const check = (sql: string): void => {
  test(sql, async () => {
    const ordered = /ORDER BY [^)]*$/.test(sql);
    const [mine, peer] = [ours(sql), await theirs(sql)];
    expect(ordered ? mine : [...mine].sort()).toEqual(ordered ? peer : [...peer].sort());
  });
};

describe("IN and EXISTS", () => {
  for (const right of ["s", "empty"]) {
    for (const not of ["", "NOT "]) {
      check(`SELECT id FROM t WHERE a ${not}IN (SELECT a FROM ${right})`);
      check(`SELECT id FROM t WHERE a ${not}IN (SELECT a FROM ${right} WHERE a IS NOT NULL)`);
      check(`SELECT id FROM t WHERE id ${not}IN (SELECT id FROM ${right})`);
      check(`SELECT id, a ${not}IN (SELECT a FROM ${right}) AS m FROM t`);
      check(`SELECT id FROM t WHERE b ${not}IN (SELECT c FROM ${right} x WHERE x.a = t.a)`);
      check(`SELECT id, b ${not}IN (SELECT c FROM ${right} x WHERE x.a = t.a) AS m FROM t`);
      check(`SELECT id, b ${not}IN (SELECT c FROM ${right} x WHERE x.a > t.a) AS m FROM t`);
      check(`SELECT id FROM t WHERE ${not}EXISTS (SELECT 1 FROM ${right} x WHERE x.a = t.a)`);
      check(`SELECT id FROM t WHERE ${not}EXISTS (SELECT 1 FROM ${right} x WHERE x.a = t.a AND x.c <> t.b)`);
      check(`SELECT id FROM t WHERE ${not}EXISTS (SELECT 1 FROM ${right} x WHERE x.a < t.a) OR b = 10`);
      check(`SELECT id, ${not}EXISTS (SELECT 1 FROM ${right} x WHERE x.a = t.a) AS m FROM t`);
      check(`SELECT id FROM t WHERE ${not}EXISTS (SELECT max(a) FROM ${right} x WHERE x.a = t.a)`);
      check(
        `SELECT id FROM t WHERE ${not}EXISTS (SELECT a FROM ${right} x WHERE x.a = t.a GROUP BY a HAVING count(*) > 1)`,
      );
    }
    check(`SELECT id, a < ALL (SELECT a FROM ${right}) AS m FROM t`);
    check(`SELECT id, a >= ANY (SELECT x.a FROM ${right} x WHERE x.id <> t.id) AS m FROM t`);
  }
  check("SELECT id FROM t WHERE (a, b) IN (SELECT a, c FROM s)");
});

describe("scalar subqueries", () => {
  for (const right of ["s", "empty"]) {
    check(`SELECT id, (SELECT count(*) FROM ${right} x WHERE x.a = t.a) AS n FROM t`);
    check(`SELECT id, (SELECT count(x.c) + 1 FROM ${right} x WHERE x.a < t.a) AS n FROM t`);
    check(`SELECT id, (SELECT coalesce(sum(x.c), -1) FROM ${right} x WHERE x.a = t.a) AS n FROM t`);
    check(`SELECT id, (SELECT sum(x.c) + t.b FROM ${right} x WHERE x.a = t.a) AS n FROM t`);
    check(`SELECT id, (SELECT sum(x.c + t.b) FROM ${right} x) AS n FROM t`);
    check(`SELECT id, (SELECT count(DISTINCT x.c) FROM ${right} x WHERE x.a = t.a) AS n FROM t`);
    check(`SELECT id, (SELECT min(c) FROM ${right} x WHERE x.a = t.a HAVING count(*) > 1) AS n FROM t`);
    check(`SELECT id, (SELECT count(*) FROM ${right} x WHERE x.a = t.a HAVING count(*) = 0) AS n FROM t`);
    check(`SELECT id, (SELECT x.c FROM ${right} x WHERE x.id = t.id) AS n FROM t`);
    check(`SELECT id, (SELECT c FROM ${right} x WHERE x.a = t.a ORDER BY x.id DESC LIMIT 1) AS n FROM t`);
    check(
      `SELECT id, (SELECT c + t.id FROM ${right} x WHERE x.a <= t.a ORDER BY c NULLS FIRST, x.id LIMIT 1) AS n FROM t`,
    );
    check(`SELECT id, (SELECT max(n) FROM (SELECT count(*) AS n FROM ${right} x WHERE x.a = t.a)) AS n FROM t`);
    check(`SELECT id FROM t WHERE b > (SELECT avg(c) FROM ${right} x WHERE x.a = t.a)`);
    check(`SELECT id FROM t WHERE (SELECT count(*) FROM ${right} x WHERE x.a = t.a) = 0`);
  }
  check("SELECT id, (SELECT max(a) FROM s) AS n, (SELECT min(a) FROM s) AS m FROM t WHERE b = (SELECT min(c) FROM s)");
  check("SELECT a, (SELECT count(*) FROM s WHERE s.a = t.a) AS n, sum(b) FROM t GROUP BY a");
  check("SELECT a, sum(b) FROM t GROUP BY a HAVING sum(b) > (SELECT min(c) FROM s WHERE s.a = t.a)");
  check("SELECT (SELECT sum(b) FROM t WHERE t.a = s.a) AS n, count(*) FROM s GROUP BY n");
});

describe("nested correlation", () => {
  check(
    "SELECT id FROM t WHERE EXISTS (SELECT 1 FROM s WHERE s.a = t.a AND EXISTS (SELECT 1 FROM s u WHERE u.c = t.b AND u.a = s.a))",
  );
  check(
    "SELECT id, (SELECT count(*) FROM s WHERE s.a = t.a AND s.c > (SELECT min(u.c) FROM s u WHERE u.id < t.id)) AS n FROM t",
  );
  check(
    "SELECT id, (SELECT sum((SELECT count(*) FROM t v WHERE v.a = s.a AND v.id <= t.id)) FROM s WHERE s.id > t.id) AS n FROM t",
  );
  check("SELECT t.id, q.n FROM t, LATERAL (SELECT count(*) AS n FROM s WHERE s.a = t.a) q WHERE q.n > 0");
  check("SELECT t.id, q.c FROM t LEFT JOIN LATERAL (SELECT c FROM s WHERE s.a = t.a AND s.c > 10) q ON true");
  check("SELECT t.id, q.v FROM t, LATERAL (SELECT t.a + 1 UNION ALL SELECT s.c FROM s WHERE s.a = t.a) q(v)");
  check("SELECT t.id, q.v FROM t, LATERAL (SELECT s.c FROM s WHERE s.a = t.a EXCEPT SELECT t.b) q(v)");
  check("SELECT t.id, q.v FROM t, LATERAL (VALUES (t.a), (t.b), (0)) q(v)");
  check("SELECT t.id, q.x, r.y FROM t, LATERAL (SELECT t.a + 1 AS x) q, LATERAL (SELECT q.x + t.b AS y) r");
  check("SELECT t.id, q.a FROM t, LATERAL (SELECT DISTINCT s.a FROM s WHERE s.id <> t.id) q WHERE q.a = t.a");
  check(
    "WITH w AS (SELECT a, count(*) AS n FROM s GROUP BY a) SELECT id, (SELECT n FROM w WHERE w.a = t.a) AS n, (SELECT max(n) FROM w) AS m FROM t",
  );
  check("SELECT id, (WITH w AS (SELECT c FROM s WHERE s.a = t.a) SELECT count(*) FROM w, w v) AS n FROM t");
});

describe("joins", () => {
  check("SELECT t.id, s.id FROM t JOIN s ON t.a = s.a AND t.b < s.c");
  check("SELECT t.id, s.id FROM t LEFT JOIN s ON t.a = s.a AND t.b = 10 AND s.c = 10");
  check("SELECT t.id, s.id FROM t LEFT JOIN s ON t.a = s.a WHERE s.c IS NULL");
  check("SELECT t.id, s.id FROM t LEFT JOIN s ON t.a = s.a WHERE s.c > 5");
  check("SELECT t.id, s.id FROM t RIGHT JOIN s ON t.a = s.a AND t.b > 10");
  check("SELECT t.id, s.id FROM t FULL JOIN s ON t.a = s.a AND t.b > 10");
  check("SELECT t.id, s.id FROM t FULL JOIN s ON t.a = s.a WHERE t.b > 10");
  check("SELECT t.id, s.id FROM t FULL JOIN s ON t.a < s.a");
  check("SELECT t.id, s.id FROM t JOIN s ON t.a IS NOT DISTINCT FROM s.a");
  check("SELECT t.id, e.id FROM t LEFT JOIN empty e ON t.a = e.a");
  check("SELECT t.id, e.id FROM t FULL JOIN empty e ON t.a = e.a");
  check("SELECT t.id, s.id, u.id FROM t LEFT JOIN (s JOIN s u ON s.c = u.c) ON t.a = s.a AND u.id > 1");
  check("SELECT t.id, s.id, u.id FROM t JOIN s ON t.a = s.a LEFT JOIN s u ON u.c = s.c AND u.id <> s.id");
  check("SELECT t.id, s.id, u.id FROM t, s, s u WHERE t.a = s.a AND s.a = u.a AND t.a = 1");
  check("SELECT t.id FROM t, s WHERE (t.a = s.a AND s.c = 10) OR (t.a = s.a AND s.c = 11 AND t.b = 10)");
  check("SELECT count(*) FROM t, s, empty");
});

describe("aggregates and sets", () => {
  check("SELECT a, count(DISTINCT b), sum(DISTINCT b), count(*), min(b) FROM t GROUP BY a");
  check("SELECT count(DISTINCT a), count(DISTINCT b), avg(b), count(*) FROM t");
  check("SELECT a, count(DISTINCT b), count(DISTINCT id), sum(b) FROM t GROUP BY a");
  check("SELECT count(DISTINCT a), count(DISTINCT c), count(*), sum(c) FROM empty");
  check("SELECT count(DISTINCT a) FILTER (WHERE b > 10), count(*) FROM t");
  check("SELECT t.a, count(DISTINCT b) FROM empty, t GROUP BY t.a");
  for (const op of ["UNION", "INTERSECT", "EXCEPT", "UNION ALL", "INTERSECT ALL", "EXCEPT ALL"]) {
    check(`SELECT a FROM t ${op} SELECT a FROM s`);
    check(`SELECT a, b FROM t ${op} SELECT a, c FROM s`);
    check(`SELECT a FROM t ${op} SELECT a FROM empty`);
    check(`SELECT a FROM empty ${op} SELECT a FROM s`);
    check(`SELECT x FROM (SELECT a AS x, b AS y FROM t ${op} SELECT a, c FROM s) WHERE x = 1`);
  }
  check("SELECT a FROM t UNION ALL SELECT a FROM s UNION ALL SELECT c FROM s ORDER BY 1 NULLS FIRST LIMIT 5 OFFSET 2");
  check("SELECT DISTINCT a FROM t ORDER BY a NULLS FIRST");
  check("SELECT id FROM t ORDER BY b DESC NULLS LAST, id LIMIT 3");
  check("SELECT id FROM (SELECT id, b FROM t ORDER BY id LIMIT 3) WHERE b > 5");
  check("SELECT id FROM t LIMIT 0");
  check("SELECT id FROM t ORDER BY id OFFSET 4");
  check("SELECT count(*) FROM t WHERE 1 = 0");
  check("SELECT a FROM t WHERE 1 = 0 GROUP BY a");
  check("VALUES (1, 'x'), (2, NULL)");
  check("SELECT * FROM (VALUES (1 + 1), (2 * 3)) v(x) WHERE x > 2");
});
