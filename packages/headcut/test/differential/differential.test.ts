import { readFileSync } from "node:fs";
import { join } from "node:path";
import { generate, queryText, tableGlobs, validationParameters } from "@headcut/tpch";
import { type Connection, connect, QueryError, typeName } from "headcut";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestCluster } from "../cluster/test-cluster.ts";
import { firstDifference } from "../compare-rows.ts";
import { type Oracle, openOracle, type TextResult } from "../oracle.ts";
import { isCluster } from "../target.ts";
import { readQueries } from "./read-queries.ts";

const SCALE_FACTOR = 0.01;
/** On a cluster each table but the smallest is in shards, two thirds of them on each node. */
const minShards = isCluster ? 6 : 1;
const directory = join(
  import.meta.dirname,
  "../../../../.data",
  `tpch-sf${SCALE_FACTOR}${isCluster ? `-shards${minShards}` : ""}`,
);
const queries = readQueries(readFileSync(join(import.meta.dirname, "queries.sql"), "utf8"));
const tpchQueries = Array.from({ length: 22 }, (_, index) => ({
  number: index + 1,
  sql: queryText(index + 1, validationParameters(index + 1, SCALE_FACTOR)),
}));

let oracle: Oracle;
beforeAll(async () => {
  await generate({ scaleFactor: SCALE_FACTOR, directory, minShards });
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

interface Target {
  readonly name: string;
  /** With a cache, the second time reads what the first has left there. */
  readonly turns: number;
  open(): Promise<{ readonly db: Connection; close(): Promise<void> }>;
}

const engine = (threads: number, cache: string, columnCacheBytes: number): Target => ({
  name: `${threads} threads, column cache ${cache}`,
  turns: columnCacheBytes === 0 ? 1 : 2,
  open: async () => {
    const db = await connect({ threads, columnCacheBytes });
    for (const [name, glob] of Object.entries(tableGlobs(directory))) await db.register(name, glob);
    return { db, close: () => db.close() };
  },
});

const threeNodes: Target = {
  name: "three nodes",
  turns: 1,
  open: async () => {
    // No query is so small that one node does it alone.
    const cluster = await startTestCluster({ tables: directory });
    const db = await connect(cluster.url);
    return {
      db,
      close: async () => {
        await db.close();
        await cluster.stop();
      },
    };
  },
};

const targets = isCluster
  ? [threeNodes]
  : [engine(1, "on", 256 << 20), engine(2, "off", 0), engine(4, "thrashing", 1 << 20)];

describe.each(targets)("the same answers as DuckDB, $name", ({ turns, open }) => {
  let db: Connection;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ db, close } = await open());
  });
  afterAll(() => close());

  const check = async (sql: string, ordered: boolean): Promise<void> => {
    const expected = await expectedOf(sql);
    for (let turn = 0; turn < turns; turn++) {
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
