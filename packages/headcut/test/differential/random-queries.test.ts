import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Connection, connect, QueryError } from "headcut";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestCluster } from "../cluster/test-cluster.ts";
import { firstDifference } from "../compare-rows.ts";
import { type Oracle, openOracle, type TextResult } from "../oracle.ts";
import { isCluster } from "../target.ts";
import { randomQuery, randomTables } from "./random-query.ts";

const [FIRST, LAST] = (process.env.HEADCUT_RANDOM_SEEDS ?? "1-200").split("-").map(Number) as [number, number];
const PARTS = 3;
const QUERIES_PER_TEST = 50;

const folders = mkdtempSync(join(tmpdir(), "headcut-random-"));
let oracle: Oracle;
beforeAll(async () => {
  oracle = await openOracle();
  for (const [table, sql] of Object.entries(randomTables)) await oracle.run(`CREATE TABLE ${table} AS ${sql}`);
  for (let part = 0; part < PARTS; part++) await writePart(part, join(folders, `${part}`));
});
afterAll(() => {
  oracle.close();
  rmSync(folders, { recursive: true });
});

/** A part of the rows of each table, as a node's data directory has them. */
const writePart = async (part: number, directory: string): Promise<void> => {
  for (const table of Object.keys(randomTables)) {
    mkdirSync(join(directory, table), { recursive: true });
    const rows = `SELECT * FROM ${table} WHERE rowid % ${PARTS} = ${part}`;
    await oracle.run(`COPY (${rows}) TO '${join(directory, table, `part-${part}.parquet`)}' (FORMAT parquet)`);
  }
};

interface Target {
  readonly name: string;
  open(): Promise<{ readonly db: Connection; close(): Promise<void> }>;
}

const engine = (threads: number): Target => ({
  name: `${threads} threads`,
  open: async () => {
    const db = await connect({ threads });
    for (const table of Object.keys(randomTables)) await db.register(table, join(folders, "*", table, "*.parquet"));
    return { db, close: () => db.close() };
  },
});

const threeNodes: Target = {
  name: "three nodes, none of which has all rows of a table",
  open: async () => {
    const cluster = await startTestCluster({ nodes: PARTS });
    for (const [part, { data }] of cluster.nodes.entries()) await writePart(part, data);
    // Files that are put into a node's folder by hand are seen by the others within a second.
    await sleep(1200);
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

/** Asked once for each query, however often we are. */
const expectations = new Map<string, Promise<TextResult>>();
const expectedOf = (sql: string): Promise<TextResult> => {
  const expected = expectations.get(sql) ?? oracle.query(sql);
  expectations.set(sql, expected);
  return expected;
};

describe.each(isCluster ? [threeNodes] : [1, 2, 4].map(engine))("random queries, $name", ({ open }) => {
  let db: Connection;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ db, close } = await open());
  });
  afterAll(() => close());

  const starts = Array.from(
    { length: Math.ceil((LAST - FIRST + 1) / QUERIES_PER_TEST) },
    (_, i) => FIRST + i * QUERIES_PER_TEST,
  );
  it.each(starts)("from seed %i on have DuckDB's answers", async (start) => {
    for (let seed = start; seed <= Math.min(LAST, start + QUERIES_PER_TEST - 1); seed++) {
      const sql = randomQuery(seed);
      const expected = await expectedOf(sql);
      const actual = await db.query(sql).catch((cause: unknown) => {
        throw cause instanceof QueryError ? new Error(`seed ${seed}: ${cause.describe(sql)}`, { cause }) : cause;
      });
      const isOrdered = sql.includes(" AS q ORDER BY ");
      const difference = firstDifference(expected.types, expected.rows, actual.toText(), isOrdered);
      expect(difference, `seed ${seed}: ${sql}`).toBeUndefined();
    }
  });
});
