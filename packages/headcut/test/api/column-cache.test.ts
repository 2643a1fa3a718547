import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Connection, type ConnectOptions, connect } from "headcut";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "headcut-column-cache-"));
const file = join(folder, "facts.parquet");
const ROWS = 300_000;

const open = async (options: ConnectOptions): Promise<Connection> => {
  const db = await connect(options);
  connections.push(db);
  await db.register("facts", file);
  return db;
};
let connections: Connection[] = [];
beforeAll(async () => {
  await using db = await connect({ threads: 2 });
  await db.query(
    `COPY (SELECT x AS k, x % 10 AS g, 'text number ' || x * 7 AS s, CASE WHEN x % 3 = 0 THEN NULL ELSE x % 100 END AS n
       FROM range(${ROWS}) t(x)) TO '${file}' (ROW_GROUP_SIZE 20000)`,
  );
});
afterEach(async () => {
  await Promise.all(connections.map((db) => db.close()));
  connections = [];
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const hits = async (db: Connection, sql: string): Promise<[number, number]> => {
  const plan = await db.explain(sql, { analyze: true });
  const [, found, all] = /column cache: (\d+) of (\d+) column chunks/.exec(plan) ?? [];
  return [Number(found ?? -1), Number(all ?? -1)];
};

const QUERIES = [
  "SELECT g, count(*), sum(k), min(s), max(s), sum(n), count(n) FROM facts GROUP BY g ORDER BY g",
  "SELECT count(*), sum(k) FROM facts WHERE s LIKE '%77%' AND n > 50",
  "SELECT k, s FROM facts WHERE n IS NULL ORDER BY s DESC LIMIT 20",
  "SELECT count(*), sum(a.k) FROM facts a JOIN facts b ON a.k = b.n",
  "SELECT s FROM facts WHERE k = 123456",
];

describe("the column cache", () => {
  it("shows in EXPLAIN ANALYZE, and nothing is read the second time", async () => {
    const db = await open({ threads: 2 });
    const sql = "SELECT sum(k), min(s) FROM facts";
    expect(await hits(db, sql)).toEqual([0, 30]);
    expect(await hits(db, sql)).toEqual([30, 30]);
    expect(await db.explain(sql, { analyze: true })).toMatch(/read 0 B of 15 row groups/);
    const off = await open({ threads: 2, columnCacheBytes: 0 });
    await off.query(sql);
    expect(await off.explain(sql, { analyze: true })).not.toContain("column cache");
  });

  it.each([1, 2, 4])(
    "gives the same answers on, off and thrashing, to queries that run at once; %i threads",
    async (threads) => {
      const off = await open({ threads, columnCacheBytes: 0 });
      const expected = [];
      for (const sql of QUERIES) expected.push((await off.query(sql)).toRows());
      for (const columnCacheBytes of [256 << 20, 2 << 20, 100_000]) {
        const db = await open({ threads, columnCacheBytes });
        const free = db.freeBytes();
        for (let turn = 0; turn < 3; turn++) {
          const results = await Promise.all(QUERIES.map((sql) => db.query(sql)));
          expect(results.map((result) => result.toRows())).toEqual(expected);
        }
        // What the cache has counts as free: anything else missing is a leak.
        expect(db.freeBytes()).toBe(free);
      }
    },
  );

  it("is given up for queries that need the memory", async () => {
    const memoryLimitBytes = 44 << 20;
    const hungry = "SELECT count(*), sum(c) FROM (SELECT s, k, count(*) AS c FROM facts GROUP BY s, k) t";
    const without = await open({ threads: 2, memoryLimitBytes, columnCacheBytes: 0 });
    const expected = (await without.query(hungry)).toRows();
    const db = await open({ threads: 2, memoryLimitBytes, columnCacheBytes: 40 << 20 });
    const scan = "SELECT sum(k), min(s), sum(n), sum(g) FROM facts";
    await db.query(scan);
    await db.query("SELECT sum(a.k) FROM facts a");
    expect((await hits(db, scan))[0]).toBe(60);
    for (let turn = 0; turn < 3; turn++) expect((await db.query(hungry)).toRows()).toEqual(expected);
    expect((await hits(db, scan))[0]).toBeLessThan(60);
    expect((await db.query(scan)).toRows()).toEqual((await without.query(scan)).toRows());
  });

  it("survives queries that are cancelled or fail in the middle", async () => {
    const db = await open({ threads: 2 });
    const free = db.freeBytes();
    for (const delay of [1, 5, 10, 20, 40]) {
      const abort = new AbortController();
      const cancelled = db.query(QUERIES[0]!, [], { signal: abort.signal }).catch((cause: unknown) => cause);
      setTimeout(() => abort.abort(), delay);
      await cancelled;
      expect(db.freeBytes()).toBe(free);
    }
    await expect(db.query("SELECT sum(CAST(s AS INTEGER)) FROM facts")).rejects.toMatchObject({ code: "conversion" });
    await expect(
      db.query("SELECT count(*) FROM (SELECT s, k FROM facts GROUP BY s, k) t", [], { memoryLimitBytes: 300_000 }),
    ).rejects.toMatchObject({
      code: "out-of-memory",
    });
    const off = await open({ threads: 2, columnCacheBytes: 0 });
    for (const sql of QUERIES) expect((await db.query(sql)).toRows()).toEqual((await off.query(sql)).toRows());
    expect(db.freeBytes()).toBe(free);
  });

  it("does not outlive its file", async () => {
    const db = await open({ threads: 2 });
    const path = join(folder, "changing.parquet");
    for (const first of [0, 7, 9]) {
      await db.query(`COPY (SELECT x + ${first} AS x FROM range(50000) t(x)) TO '${path}'`);
      for (let turn = 0; turn < 2; turn++)
        expect((await db.query(`SELECT min(x), max(x) FROM '${path}'`)).toRows()).toEqual([
          [BigInt(first), BigInt(49_999 + first)],
        ]);
    }
  });

  it("refuses a size that is none", async () => {
    await expect(connect({ columnCacheBytes: -1 })).rejects.toMatchObject({ code: "invalid-argument" });
    await expect(connect({ columnCacheBytes: Number.NaN })).rejects.toMatchObject({ code: "invalid-argument" });
  });
});
