import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Connection, type ConnectOptions, connect, QueryError } from "headcut";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { firstDifference } from "../compare-rows.ts";
import { type Oracle, openOracle, type TextResult } from "../oracle.ts";
import { isCluster } from "../target.ts";
import { largeRandomTables, randomQuery } from "./random-query.ts";

/** `HEADCUT_RANDOM_SEEDS=1000-2000` for others. */
const [FIRST, LAST] = (process.env.HEADCUT_RANDOM_SEEDS ?? "1-40").split("-").map(Number) as [number, number];
const LEAST_BYTES = 192 << 10;
/** Limits are from the least to so many times as much, most of them small. */
const SPREAD = 16;

const directory = mkdtempSync(join(tmpdir(), "headcut-little-memory-"));
const spillDirectory = join(directory, "spill");
let oracle: Oracle;
beforeAll(async () => {
  oracle = await openOracle();
  for (const [table, sql] of Object.entries(largeRandomTables)) {
    await oracle.run(`CREATE TABLE ${table} AS ${sql}`);
    await oracle.run(`COPY ${table} TO '${join(directory, table)}.parquet' (FORMAT parquet, ROW_GROUP_SIZE 3000)`);
  }
});
afterAll(() => {
  oracle.close();
  rmSync(directory, { recursive: true });
});

const open = async (options: ConnectOptions): Promise<Connection> => {
  const db = await connect({ spillDirectory, ...options });
  for (const table of Object.keys(largeRandomTables)) await db.register(table, join(directory, `${table}.parquet`));
  return db;
};

interface Random {
  readonly seed: number;
  readonly sql: string;
  readonly expected: TextResult;
}

const queries = new Map<number, Promise<Random>>();
const queryOf = (seed: number): Promise<Random> => {
  let query = queries.get(seed);
  if (query === undefined) {
    const sql = randomQuery(seed, { keepsMuch: true });
    query = oracle.query(sql).then((expected) => ({ seed, sql, expected }));
    queries.set(seed, query);
  }
  return query;
};

/** The right answer, or a clear error; never another answer, never neither. Whether it was the answer. */
const isAnswered = async (
  db: Connection,
  { seed, sql, expected }: Random,
  memoryLimitBytes: number,
): Promise<boolean> => {
  const where = `seed ${seed} with ${memoryLimitBytes} bytes: ${sql}`;
  try {
    const actual = await db.query(sql, [], { memoryLimitBytes, timeoutMs: 60_000 });
    const difference = firstDifference(expected.types, expected.rows, actual.toText(), sql.includes(" AS q ORDER BY "));
    expect(difference, where).toBeUndefined();
    return true;
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    expect(error.code, `${where}\n${error.message}`).toBe("out-of-memory");
    expect(error.message, where).toMatch(
      / needs? more memory than the (query may use|engine has left)|no room for another query/,
    );
    return false;
  }
};

/** Another for each seed and turn. */
const limitOf = (seed: number, turn: number): number =>
  Math.floor(LEAST_BYTES * SPREAD ** (((seed * 7919 + turn * 37) % 100) / 100));

const seeds = Array.from({ length: LAST - FIRST + 1 }, (_, i) => FIRST + i);
const BATCH = 20;
const batches = Array.from({ length: Math.ceil(seeds.length / BATCH) }, (_, i) =>
  seeds.slice(i * BATCH, (i + 1) * BATCH),
);

describe.skipIf(isCluster)("random queries in little memory", () => {
  it.each(batches.flatMap((batch) => [1, 2, 4].map((threads) => ({ first: batch[0]!, threads, batch }))))(
    "have the right answer or none, from seed $first on, $threads threads",
    async ({ batch, threads }) => {
      await using db = await open({ threads });
      const free = db.freeBytes();
      let answered = 0;
      for (const seed of batch) {
        const query = await queryOf(seed);
        for (let turn = 0; turn < 2; turn++) {
          if (await isAnswered(db, query, threads * limitOf(seed, turn))) answered++;
          expect(db.freeBytes(), `after seed ${seed}`).toBe(free);
        }
      }
      expect(answered).toBeGreaterThan(batch.length);
      expect(
        readdirSync(spillDirectory, { recursive: true, withFileTypes: true }).filter((file) => file.isFile()),
      ).toEqual([]);
    },
    120_000,
  );

  it.each([1, 3])(
    "have the right answer or none when all of them share the memory, %i threads",
    async (threads) => {
      // Some find nothing left while others hold what they have: nobody waits for memory, so nobody waits for ever.
      await using db = await open({ threads, memoryLimitBytes: 12 << 20, columnCacheBytes: 1 << 20 });
      const free = db.freeBytes();
      const started = await Promise.all(seeds.slice(0, 24).map(queryOf));
      const answers = await Promise.all(
        started.map((query, i) => isAnswered(db, query, i % 3 === 0 ? 12 << 20 : threads * limitOf(query.seed, 0))),
      );
      expect(answers.filter((answered) => answered).length).toBeGreaterThan(started.length / 2);
      expect(db.freeBytes()).toBe(free);
    },
    120_000,
  );
});
