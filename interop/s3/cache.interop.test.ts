import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Connection, connect } from "headcut";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type FaultProxy, startFaultProxy } from "./fault-proxy.ts";
import { BUCKET, type Gateway, settingsOf, startGateway } from "./gateway.ts";
import { scratchFolder, writeTable } from "./tables.ts";

const ROWS = 200_000;
const PATH = `s3://${BUCKET}/big.parquet`;
const SQL = `SELECT count(*) AS n, sum(id) AS ids, sum(length(text)) AS lengths, max(text) AS most FROM '${PATH}'`;
const scratch = scratchFolder();
const local = join(scratch.path, "big.parquet");
let gateway: Gateway;
let proxy: FaultProxy;
let expected: unknown;
let cache: string;
let caches = 0;

beforeAll(async () => {
  gateway = await startGateway();
  proxy = await startFaultProxy(gateway.port);
  await writeTable(local, ROWS);
  expect(statSync(local).size).toBeGreaterThan(8 << 20);
  await using db = await connect({ threads: 1 });
  expected = (await db.query(SQL.replace(PATH, local))).toRows();
});
afterAll(async () => {
  await proxy?.close();
  await gateway?.close();
  scratch.remove();
});
beforeEach(async () => {
  await gateway.put("big.parquet", readFileSync(local));
  cache = join(scratch.path, `cache-${caches++}`);
});

const open = (options: object = {}): Promise<Connection> =>
  connect({ threads: 2, columnCacheBytes: 0, s3: settingsOf(gateway, proxy.port), cacheDirectory: cache, ...options });
/** Answers the query in an engine of its own; how many ranges it asked the store for. */
const rangesAsked = async (options: object = {}, wanted = expected): Promise<number> => {
  const before = proxy.asked.length;
  const db = await open(options);
  expect((await db.query(SQL)).toRows()).toEqual(wanted);
  await db.close();
  return proxy.asked.slice(before).filter(({ method, headers }) => method === "GET" && headers.range !== undefined)
    .length;
};
const blocks = (): string[] =>
  readdirSync(cache, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
const cachedBytes = (): number => blocks().reduce((sum, path) => sum + statSync(path).size, 0);

describe("the disk cache", () => {
  it("serves the next process", async () => {
    expect(await rangesAsked()).toBeGreaterThan(0);
    expect(cachedBytes()).toBeGreaterThan(statSync(local).size);
    expect(await rangesAsked()).toBe(0);
  });

  it("stays within its bound, and is right when it is too small for a query", async () => {
    for (let i = 0; i < 3; i++) {
      expect(await rangesAsked({ cacheBytes: 4 << 20 })).toBeGreaterThan(0);
      expect(cachedBytes()).toBeLessThanOrEqual(4 << 20);
      expect(blocks().length).toBeGreaterThan(0);
    }
  });

  it("does not believe files that were cut off, changed or exchanged", async () => {
    await rangesAsked();
    const [cut, empty, flipped, one, other] = blocks();
    truncateSync(cut!, statSync(cut!).size - 1000);
    truncateSync(empty!, 0);
    const bytes = readFileSync(flipped!);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(flipped!, bytes);
    const first = readFileSync(one!);
    writeFileSync(one!, readFileSync(other!));
    writeFileSync(other!, first);
    expect(await rangesAsked()).toBeGreaterThan(0);
    expect(await rangesAsked()).toBe(0);
  });

  it("knows a replaced object by its ETag", async () => {
    await rangesAsked();
    const changed = join(scratch.path, "changed.parquet");
    await writeTable(changed, ROWS, 7);
    await gateway.put("big.parquet", readFileSync(changed));
    await using db = await connect({ threads: 1 });
    const wanted = (await db.query(SQL.replace(PATH, changed))).toRows();
    expect(wanted).not.toEqual(expected);
    expect(await rangesAsked({}, wanted)).toBeGreaterThan(0);
    expect(await rangesAsked({}, wanted)).toBe(0);
  });

  it("may be shared by engines at the same time", async () => {
    const asked = await Promise.all(Array.from({ length: 4 }, () => rangesAsked({ cacheBytes: 6 << 20 })));
    expect(asked).toHaveLength(4);
    expect(cachedBytes()).toBeLessThanOrEqual(2 * (6 << 20));
  });

  it("is right over a bad line, and keeps nothing wrong", async () => {
    let n = 0;
    proxy.fault = ({ method }) =>
      method === "GET" && n++ % 3 === 0 ? { kind: "truncate", bytes: 100_000 } : { kind: "pass" };
    await rangesAsked();
    proxy.fault = () => ({ kind: "pass" });
    expect(await rangesAsked()).toBe(0);
  });

  it("that cannot be made is an error", async () => {
    const path = join(scratch.path, "a-file");
    writeFileSync(path, "");
    await using db = await open({ cacheDirectory: join(path, "cache") });
    await expect(db.query(SQL)).rejects.toThrow(/cannot use the cache directory .*a-file/);
  });
});
