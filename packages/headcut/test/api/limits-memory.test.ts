import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generate, queryText, tableGlobs, validationParameters } from "@headcut/tpch";
import { type Connection, connect, QueryError } from "headcut";
import { afterAll, beforeAll, expect, it } from "vitest";

const directory = mkdtempSync(join(tmpdir(), "headcut-memory-"));
let db: Connection;
beforeAll(async () => {
  await generate({ scaleFactor: 0.01, directory });
  db = await connect({ threads: 2 });
  for (const [name, glob] of Object.entries(tableGlobs(directory))) await db.register(name, glob);
}, 120_000);
afterAll(async () => {
  await db.close();
  rmSync(directory, { recursive: true, force: true });
});

/** One statement per query, the last if a query has several. */
const queries: readonly string[] = [
  ...Array.from({ length: 22 }, (_, i) => queryText(i + 1, validationParameters(i + 1))),
  "SELECT l_returnflag, length(string_agg(l_comment, ',')) FROM lineitem GROUP BY 1 ORDER BY 1",
  "SELECT median(l_extendedprice), count(DISTINCT l_comment) FROM lineitem",
  "SELECT * FROM lineitem ORDER BY l_comment, l_orderkey, l_linenumber LIMIT 20000 OFFSET 5",
  "SELECT c_name, upper(c_address) || repeat(c_comment, 3) AS w FROM customer ORDER BY c_custkey",
];

/** Doubles in 10 digits: sums of them may differ in the last ones. */
const answer = async (sql: string, memoryLimitBytes?: number): Promise<string> => {
  const options = memoryLimitBytes === undefined ? {} : { memoryLimitBytes };
  const rows = (await db.query(sql, [], options)).toRows();
  return JSON.stringify(rows, (_, value: unknown) => {
    if (typeof value === "bigint") return `${value}n`;
    return typeof value === "number" ? Number(value.toPrecision(10)) : value;
  });
};

/** Every operator there is, and the result, which is none. */
const NAMED =
  /^(scan of \w+|hash join|aggregate|sort|top-N|limit|filter|project|repeat|UNION ALL|values|WITH \w+|the result|a batch of the result|strings of the result) needs? more memory than the query may use/;

/** Of all that an error says who has, in bytes. */
const sizesIn = (message: string): number => {
  const held = /: (.*)$/.exec(message)?.[1] ?? "";
  return [...held.matchAll(/([\d.]+) (KiB|MiB)/g)].reduce(
    (sum, [, size, unit]) => sum + Number(size) * (unit === "KiB" ? 2 ** 10 : 2 ** 20),
    0,
  );
};

const SEED = 20_260_401;
const BUDGET_MS = 12_000;

it("queries with little memory answer right or say what wanted more, and leave nothing behind", async () => {
  const right: string[] = [];
  for (const sql of queries) right.push(await answer(sql));
  const free = db.freeBytes();
  let state = SEED;
  const random = (): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
  const ends = { answered: 0, refused: 0 };
  const end = performance.now() + BUDGET_MS;
  for (let i = 0; performance.now() < end && i < 6 * queries.length; i++) {
    const query = i % queries.length;
    const limit = Math.round(2 ** (16 + 8 * random()));
    const context = `query ${query + 1}, ${limit} bytes, run ${i}`;
    try {
      expect(await answer(queries[query]!, limit), context).toBe(right[query]);
      ends.answered++;
    } catch (cause) {
      if (!(cause instanceof QueryError)) throw cause;
      expect(cause.code, context).toBe("out-of-memory");
      expect(cause.message, context).toMatch(NAMED);
      expect(sizesIn(cause.message), context).toBeLessThanOrEqual(limit);
      ends.refused++;
    }
    expect(db.freeBytes(), context).toBe(free);
  }
  expect(ends.refused).toBeGreaterThan(0);
}, 60_000);

it("scans are named whatever the codec", async () => {
  for (const compression of ["zstd", "gzip", "snappy"]) {
    const path = join(directory, `${compression}.parquet`);
    await db.query(`COPY (SELECT l_comment FROM lineitem) TO '${path}' (FORMAT parquet, COMPRESSION ${compression})`);
    const error = await db
      .query(`SELECT max(l_comment) FROM '${path}'`, [], { memoryLimitBytes: 1 << 20 })
      .catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: "out-of-memory", message: expect.stringMatching(/^scan of /) });
  }
});

it("hundreds of queries, one after the other and many at a time, keep no file, listener or memory", async () => {
  const abort = new AbortController();
  const { signal } = abort;
  let listeners = 0;
  const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners++;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners--;
    remove(...args);
  };
  const warnings: Error[] = [];
  const warn = (warning: Error): void => {
    warnings.push(warning);
  };
  process.on("warning", warn);
  const codeOf = (promise: Promise<unknown>): Promise<string | undefined> =>
    promise.then(
      () => undefined,
      (cause: unknown) => (cause instanceof QueryError ? cause.code : String(cause)),
    );
  const one = async (i: number): Promise<void> => {
    const options = { signal, timeoutMs: 600_000 };
    switch (i % 6) {
      case 0:
        expect((await db.query(`SELECT ${i} + 1 AS a${i % 50}`, [], options)).toRows()).toEqual([[i + 1]]);
        return;
      case 1:
        await db.query(
          "SELECT l_returnflag, sum(l_quantity) FROM lineitem WHERE l_orderkey > $1 GROUP BY 1",
          [i],
          options,
        );
        return;
      case 2:
        expect(await codeOf(db.query("SELECT CAST(l_comment AS INTEGER) FROM lineitem", [], options))).toBe(
          "conversion",
        );
        return;
      case 3:
        for await (const _ of db.stream("SELECT * FROM lineitem", [], options)) break;
        return;
      case 4:
        expect(
          await codeOf(
            db.query("SELECT l_comment, count(*) FROM lineitem GROUP BY 1", [], {
              ...options,
              memoryLimitBytes: 1 << 18,
            }),
          ),
        ).toBe("out-of-memory");
        return;
      default:
        expect(await codeOf(db.query("SELECT * FROM lineitem, orders", [], { ...options, timeoutMs: 1 }))).toBe(
          "timeout",
        );
    }
  };
  const openFiles = (): number => (process.platform === "linux" ? readdirSync("/proc/self/fd").length : 0);
  const rounds = async (): Promise<void> => {
    for (let i = 0; i < 120; i++) await one(i);
    await Promise.all(Array.from({ length: 64 }, (_, i) => one(i)));
  };
  await rounds();
  const before = { free: db.freeBytes(), files: openFiles(), rss: process.memoryUsage().rss };
  await rounds();
  await rounds();
  process.off("warning", warn);
  expect(db.freeBytes()).toBe(before.free);
  expect(openFiles()).toBeLessThanOrEqual(before.files + 4);
  expect(listeners).toBe(0);
  expect(warnings.map(String)).toEqual([]);
  expect(process.memoryUsage().rss - before.rss).toBeLessThan(400 << 20);
}, 120_000);
