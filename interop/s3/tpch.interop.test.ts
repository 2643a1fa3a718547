import { join } from "node:path";
import { generate, queryText, tableNames, validationParameters } from "@headcut/tpch";
import { type Connection, connect } from "headcut";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BUCKET, type Gateway, settingsOf, startGateway } from "./gateway.ts";
import { scratchFolder } from "./tables.ts";

const QUERIES = Array.from({ length: 22 }, (_, i) => i + 1);
const scratch = scratchFolder();
const data = join(scratch.path, "data");
let gateway: Gateway;
const expected = new Map<number, unknown>();

const register = async (db: Connection, folder: string): Promise<void> => {
  for (const table of tableNames) await db.register(table, `${folder}/${table}/*.parquet`);
};
const answer = async (db: Connection, query: number): Promise<unknown> =>
  (await db.query(queryText(query, validationParameters(query, 0.01)))).toRows();

beforeAll(async () => {
  gateway = await startGateway();
  await generate({ scaleFactor: 0.01, directory: data, minShards: 3, threads: 1 });
  await gateway.putFolder(data, "tpch/");
  await using db = await connect({ threads: 2 });
  await register(db, data);
  for (const query of QUERIES) expected.set(query, await answer(db, query));
  expect([...expected.values()].flat().length).toBeGreaterThan(500);
});
afterAll(async () => {
  await gateway?.close();
  scratch.remove();
});

describe.each([
  ["1 thread", 1, {}],
  ["2 threads", 2, {}],
  ["2 threads, no column cache, a disk cache", 2, { columnCacheBytes: 0, cacheDirectory: join(scratch.path, "cache") }],
  [
    "2 threads, no column cache, what the disk cache has",
    2,
    { columnCacheBytes: 0, cacheDirectory: join(scratch.path, "cache") },
  ],
])("TPC-H at scale factor 0.01 from S3 with %s", (_, threads, options) => {
  let db: Connection;
  beforeAll(async () => {
    db = await connect({ threads, s3: settingsOf(gateway), ...options });
    await register(db, `s3://${BUCKET}/tpch`);
  });
  afterAll(() => db?.close());

  it.each(QUERIES)("query %i gives the same as from local files", async (query) => {
    expect(await answer(db, query)).toEqual(expected.get(query));
  });
});
