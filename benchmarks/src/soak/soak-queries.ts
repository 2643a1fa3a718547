import { setTimeout as pause } from "node:timers/promises";
import { type Connection, QueryError } from "headcut";
import type { BenchmarkQuery } from "../sets/query-set.ts";

/** One thing that clients do. It throws when what comes of it is not what was expected. */
export interface SoakQuery {
  readonly name: string;
  run(db: Connection, random: () => number): Promise<void>;
}

const SMALL = [
  "SELECT 1",
  "SELECT count(*) FROM nation",
  "SELECT n_name, r_name FROM nation JOIN region ON n_regionkey = r_regionkey ORDER BY 1 LIMIT 3",
  "SELECT c_mktsegment, count(*), avg(c_acctbal) FROM customer GROUP BY 1",
  "SELECT * FROM orders WHERE o_orderkey = 4711",
  "EXPLAIN ANALYZE SELECT max(l_shipdate) FROM lineitem",
  "SHOW TABLES",
];

/** Wrong as text, for the tables there are, and only when rows are read. */
const FAILING = [
  "SELEC 1",
  "SELECT * FROM no_such_table",
  "SELECT no_such_column FROM lineitem",
  "SELECT sum(CAST(c_name AS INTEGER)) FROM customer",
  "SELECT 9223372036854775807 + l_orderkey FROM lineitem",
  "SELECT (SELECT l_orderkey FROM lineitem) AS one",
];

const MANY_ROWS = ["SELECT * FROM lineitem", "SELECT * FROM lineitem ORDER BY l_comment"];

const LONG = [
  ...MANY_ROWS,
  "SELECT l_suppkey, median(l_extendedprice) FROM lineitem GROUP BY 1",
  "SELECT count(*), sum(a.l_tax * b.l_discount) FROM lineitem a JOIN lineitem b ON a.l_suppkey = b.l_suppkey",
];

/** Of every hundred queries some 50 are TPC-H's, 20 small, 10 fail, 10 are cancelled, 5 left while they are read, 5 make tables. */
export const soakQuery = (
  number: number,
  tpch: readonly Pick<BenchmarkQuery, "name" | "sql" | "stored" | "compare">[],
): SoakQuery => {
  const kind = number % 20;
  const turn = Math.floor(number / 20);
  const of = <T>(list: readonly T[], offset: number): T => list[(turn + offset) % list.length]!;
  if (kind < 10) return answered(of(tpch, kind * 3 + turn * 9));
  if (kind < 14) return small(of(SMALL, kind * 2));
  if (kind < 16) return failing(of(FAILING, kind * 3));
  if (kind < 18) return cancelled(of([...LONG, ...tpch.map(({ sql }) => sql)], kind * 5 + turn * 3));
  if (kind < 19) return left(of(MANY_ROWS, 0));
  return madeTable(number);
};

const answered = ({
  name,
  sql,
  stored,
  compare,
}: Pick<BenchmarkQuery, "name" | "sql" | "stored" | "compare">): SoakQuery => ({
  name,
  run: async (db) => {
    const rows = (await db.query(sql)).toRows();
    const difference = stored === undefined ? undefined : compare(stored, rows);
    if (difference !== undefined) throw new Error(`${name}: ${difference}`);
  },
});

const small = (sql: string): SoakQuery => ({
  name: sql,
  run: async (db) => {
    await db.query(sql);
  },
});

const failing = (sql: string): SoakQuery => ({
  name: sql,
  run: async (db) => {
    const error = await db.query(sql).then(
      () => undefined,
      (cause: unknown) => cause,
    );
    if (!(error instanceof QueryError) || error.code === "io") throw new Error(`${sql}: ended with ${error}`);
  },
});

const LONGEST_MS = 400;

const cancelled = (sql: string): SoakQuery => ({
  name: `cancelled: ${sql.slice(0, 40)}`,
  run: async (db, random) => {
    const abort = new AbortController();
    const asked = db.query(sql, undefined, { signal: abort.signal }).then(
      () => undefined,
      (cause: unknown) => cause,
    );
    await pause(random() * LONGEST_MS);
    abort.abort();
    const error = await asked;
    if (error === undefined || (error instanceof QueryError && error.code === "cancelled")) return;
    throw new Error(`${sql}: cancelled, it ended with ${error}`);
  },
});

const left = (sql: string): SoakQuery => ({
  name: `left: ${sql}`,
  run: async (db) => {
    for await (const _ of db.stream(sql)) break;
  },
});

const madeTable = (number: number): SoakQuery => ({
  name: "a table of the session",
  run: async (db) => {
    const name = `made_${number}`;
    await db.query(`CREATE TABLE ${name} AS SELECT * FROM customer`);
    await db.query(`SELECT count(*) FROM ${name}`);
    await db.query(`DROP TABLE ${name}`);
  },
});
