import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Connection, connect } from "headcut";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openOracle } from "../oracle.ts";
import { startTestCluster, type TestCluster } from "./test-cluster.ts";

const NODES = 3;
const ROWS = 30_000;

/** A column of each type, with few values, many and NULLs; `id` tells rows apart. */
const TABLE = `
SELECT i AS id,
  CASE WHEN i % 11 = 0 THEN NULL ELSE CAST(hash(i) % 40 AS TINYINT) - 20 END AS tiny,
  CASE WHEN i % 13 = 0 THEN NULL ELSE CAST(hash(i + 1) % 2000000000 AS INTEGER) END AS number,
  CAST(hash(i + 2) AS UBIGINT) AS unsigned,
  CASE hash(i) % 9 WHEN 0 THEN NULL WHEN 1 THEN 'nan'::DOUBLE WHEN 2 THEN '-inf'::DOUBLE WHEN 3 THEN 'inf'::DOUBLE WHEN 4 THEN 0.0::DOUBLE ELSE (hash(i) % 1000) / 7 - 60 END AS real,
  CASE hash(i) % 5 WHEN 0 THEN 'nan'::FLOAT WHEN 1 THEN NULL ELSE CAST(hash(i + 3) % 99 AS FLOAT) - 50 END AS short,
  CAST(CAST(hash(i + 4) % 100000 AS INTEGER) - 50000 AS DECIMAL(12, 2)) / 100 AS price,
  CAST(CAST(hash(i + 5) % 1000 AS INTEGER) - 500 AS DECIMAL(38, 3)) * 1000000000000000000000 AS wide,
  CASE WHEN i % 7 = 0 THEN NULL ELSE repeat(chr(97 + CAST(hash(i + 6) % 4 AS INTEGER)), CAST(hash(i + 7) % 20 AS INTEGER)) || CASE hash(i) % 3 WHEN 0 THEN 'ž' WHEN 1 THEN '🦆' ELSE '' END END AS text,
  hash(i + 8) % 2 = 0 AS flag,
  DATE '2000-01-01' + CAST(hash(i + 9) % 3000 AS INTEGER) AS day,
  TIMESTAMP '2000-01-01' + INTERVAL 1 SECOND * CAST(hash(i + 10) % 3000 AS INTEGER) AS moment,
  CAST(lpad(printf('%x', hash(i + 11)), 32, '0') AS UUID) AS uuid
FROM range(${ROWS}) r(i)`;

const ORDERS = [
  "tiny, id",
  "tiny DESC NULLS FIRST, number NULLS FIRST, id DESC",
  "number DESC, id",
  "unsigned",
  "real NULLS FIRST, id",
  "real DESC NULLS LAST, short DESC, id",
  "short, price DESC, id",
  "wide DESC, id",
  "text, id",
  "text DESC NULLS LAST, flag, id DESC",
  "flag, day DESC, moment, uuid",
  "uuid DESC",
  "CAST(tiny AS BIGINT) * price, id",
  "moment, upper(text) DESC, id",
];

const folder = mkdtempSync(join(tmpdir(), "headcut-merge-"));
let cluster: TestCluster;
let db: Connection;
let embedded: Connection;
beforeAll(async () => {
  cluster = await startTestCluster({ nodes: NODES, args: ["--memory", "256MiB"] });
  const oracle = await openOracle();
  const write = (rows: string, file: string): Promise<void> =>
    oracle.run(`COPY (${rows}) TO '${file}' (FORMAT parquet, ROW_GROUP_SIZE 4096)`);
  await oracle.run(`CREATE TABLE t AS ${TABLE}`);
  for (const [part, { data }] of cluster.nodes.entries()) {
    mkdirSync(join(data, "t"), { recursive: true });
    await write(`SELECT * FROM t WHERE id % ${NODES} = ${part}`, join(data, "t", `part-${part}.parquet`));
  }
  await write("SELECT * FROM t", join(folder, "t.parquet"));
  oracle.close();
  // Files that are put into a node's folder by hand are seen by the others within a second.
  await sleep(1200);
  db = await connect(cluster.url);
  embedded = await connect({ threads: 2 });
  await embedded.register("t", join(folder, "t.parquet"));
});
afterAll(async () => {
  await db.close();
  await embedded.close();
  await cluster.stop();
  rmSync(folder, { recursive: true });
});

const both = async (sql: string, options: Parameters<Connection["query"]>[2] = {}): Promise<void> => {
  const expected = (await embedded.query(sql)).toText();
  const actual = (await db.query(sql, undefined, options)).toText();
  const different = expected.findIndex((row, i) => String(row) !== String(actual[i]));
  expect(actual[different]).toEqual(expected[different]);
  expect(actual.length).toBe(expected.length);
};

describe("rows in an order", () => {
  it.each(ORDERS)("by %s are those of one engine, all of them and some", async (order) => {
    await both(`SELECT * FROM t ORDER BY ${order}`);
    await both(
      `SELECT id, ${order.includes("text") ? "text" : "price"} FROM t ORDER BY ${order} LIMIT 5000 OFFSET 777`,
    );
    await both(`SELECT id FROM t WHERE tiny > 3 ORDER BY ${order} LIMIT 7`);
    await both(`SELECT count(*), sum(id), min(price) FROM (SELECT id, price FROM t ORDER BY ${order} LIMIT 12000) q`);
    await both(`SELECT id FROM t ORDER BY ${order} OFFSET 29000`);
  });

  it("are merged, as EXPLAIN says", async () => {
    const text = (await db.query("EXPLAIN SELECT id, text FROM t ORDER BY text DESC, id")).toText().join("\n");
    expect(text).toMatch(/fragment 0 .*merge by text#\d+ DESC.*scan fragment 1.*merge by text#\d+ DESC.*→ fragment 0/s);
  });

  it("of ties come in any order, but each of them", async () => {
    const rows = (
      await db.query("SELECT tiny, id FROM t ORDER BY tiny DESC NULLS FIRST")
    ).toRows() as unknown as (readonly [number | null, bigint])[];
    const place = ([tiny]: (typeof rows)[number]): number => (tiny === null ? Number.NEGATIVE_INFINITY : -tiny);
    expect(rows.every((row, i) => i === 0 || place(rows[i - 1]!) <= place(row))).toBe(true);
    expect(new Set(rows.map(([, id]) => Number(id))).size).toBe(ROWS);
  });
});

describe("little memory on each node", () => {
  const memoryLimitBytes = 8 << 20;
  it.each([
    ["a sort", "SELECT * FROM t ORDER BY text, id"],
    [
      "a sort of more than there is memory for",
      "SELECT a.*, x FROM t a, range(8) r(x) ORDER BY a.text, a.id, x LIMIT 100 OFFSET 200000",
    ],
    ["groups", "SELECT id, text, count(*) AS n, min(uuid) AS u FROM t GROUP BY id, text ORDER BY id"],
    ["a join", "SELECT a.id, b.text, b.uuid FROM t a JOIN t b ON a.id = b.id + 1 ORDER BY a.id"],
    [
      "a join by other columns",
      "SELECT count(*), sum(a.id), max(b.uuid) FROM t a JOIN t b ON a.moment = b.moment AND a.tiny = b.tiny",
    ],
    ["different rows", "SELECT count(*), sum(tiny) FROM (SELECT DISTINCT * FROM t) q"],
    ["a union", "SELECT * FROM (SELECT id, text FROM t UNION SELECT id + 1, text FROM t) q ORDER BY id, text"],
  ])("is enough for %s", (_, sql) => both(sql, { memoryLimitBytes }));
});

/** A figure of `/metrics`, of all nodes together. */
const metric = async (name: string): Promise<number> => {
  let sum = 0;
  for (const { http } of cluster.nodes) {
    const text = await (await fetch(`http://${http}/metrics`)).text();
    sum += Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)![1]);
  }
  return sum;
};

const LARGE = "SELECT a.*, x FROM t a, range(48) r(x) ORDER BY a.unsigned, x";

describe("a large merge", () => {
  it("is in order to its end, however many rows wait for the reader", async () => {
    let rows = 0;
    let last = -1n;
    for await (const batch of db.stream(`SELECT * FROM (${LARGE}) q`)) {
      rows += batch.numRows;
      for (const value of batch.getChild("unsigned")!.toArray() as BigUint64Array) {
        expect(value >= last).toBe(true);
        last = value;
      }
      if (rows < 100_000) await sleep(10);
    }
    expect(rows).toBe(48 * ROWS);
  });

  it("that nobody reads to its end leaves nothing behind", async () => {
    for await (const _ of db.stream(LARGE)) break;
    const cancelled = new AbortController();
    const run = db.query(LARGE, undefined, { signal: cancelled.signal });
    await sleep(700);
    cancelled.abort();
    await expect(run).rejects.toMatchObject({ code: "cancelled" });
    for (const deadline = Date.now() + 5000; (await metric("headcut_tasks_running")) > 0; await sleep(20)) {
      expect(Date.now()).toBeLessThan(deadline);
    }
    expect(await metric("headcut_output_bytes")).toBe(0);
  });
});
