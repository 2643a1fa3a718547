import { readFileSync } from "node:fs";
import { join } from "node:path";
import { generate, queryText, tableGlobs, validationParameters } from "@headcut/tpch";
import { type Connection, connect, QueryError, typeName } from "headcut";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { firstDifference } from "../compare-rows.ts";
import { type Oracle, openOracle, type TextResult } from "../oracle.ts";
import { readQueries } from "./read-queries.ts";

const SCALE_FACTOR = 0.01;
const directory = join(import.meta.dirname, "../../../../.data", `tpch-sf${SCALE_FACTOR}`);
const queries = readQueries(readFileSync(join(import.meta.dirname, "queries.sql"), "utf8"));
const tpchQueries = Array.from({ length: 22 }, (_, index) => ({
  number: index + 1,
  sql: queryText(index + 1, validationParameters(index + 1, SCALE_FACTOR)),
}));

let oracle: Oracle;
beforeAll(async () => {
  await generate({ scaleFactor: SCALE_FACTOR, directory });
  oracle = await openOracle();
  for (const [name, glob] of Object.entries(tableGlobs(directory))) {
    await oracle.run(`CREATE VIEW ${name} AS SELECT * FROM read_parquet('${glob}')`);
  }
});
afterAll(() => oracle.close());

/** Asked once for each query, however often we are. */
const expectations = new Map<string, Promise<TextResult>>();
const expectedOf = (sql: string): Promise<TextResult> => {
  let expected = expectations.get(sql);
  if (expected === undefined) {
    expected = oracle.query(sql);
    expectations.set(sql, expected);
  }
  return expected;
};

describe.each([
  { threads: 1, cache: "on", columnCacheBytes: 256 << 20 },
  { threads: 2, cache: "off", columnCacheBytes: 0 },
  { threads: 4, cache: "thrashing", columnCacheBytes: 1 << 20 },
])("the same answers as DuckDB, $threads threads, column cache $cache", ({ threads, columnCacheBytes }) => {
  let db: Connection;
  beforeAll(async () => {
    db = await connect({ threads, columnCacheBytes });
    for (const [name, glob] of Object.entries(tableGlobs(directory))) await db.register(name, glob);
  });
  afterAll(() => db.close());

  const check = async (sql: string, ordered: boolean): Promise<void> => {
    const expected = await expectedOf(sql);
    // With a cache, the second time reads what the first has left there.
    for (let turn = 0; turn < (columnCacheBytes === 0 ? 1 : 2); turn++) {
      const actual = await db.query(sql).catch((cause: unknown) => {
        throw cause instanceof QueryError ? new Error(cause.describe(sql), { cause }) : cause;
      });
      expect(actual.columns.map(({ type }) => typeName(type).replace("DECIMAL(38,0)", "HUGEINT"))).toEqual(
        expected.types,
      );
      expect(firstDifference(expected.types, expected.rows, actual.toText(), ordered)).toBeUndefined();
    }
  };

  it.each(tpchQueries)("TPC-H $number", ({ sql }) => check(sql, true));
  it.each(queries)("queries.sql:$line", ({ sql, ordered }) => check(sql, ordered));
});
