import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { generate, queryText, tableNames, validationParameters } from "@headcut/tpch";
import { type Connection, connect, QueryError } from "headcut";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestCluster, type TestCluster } from "../../packages/headcut/test/cluster/test-cluster.ts";
import { type FaultProxy, startFaultProxy } from "./fault-proxy.ts";
import { ACCESS_KEY, BUCKET, type Gateway, SECRET_KEY, startGateway } from "./gateway.ts";
import { scratchFolder } from "./tables.ts";

const QUERIES = Array.from({ length: 22 }, (_, i) => i + 1);
const scratch = scratchFolder();
const data = join(scratch.path, "data");
let gateway: Gateway;
let proxy: FaultProxy;
let cluster: TestCluster;
let db: Connection;
const expected = new Map<number, unknown>();
const answer = async (on: Connection, query: number): Promise<unknown> =>
  (await on.query(queryText(query, validationParameters(query, 0.01)))).toRows();

beforeAll(async () => {
  gateway = await startGateway();
  proxy = await startFaultProxy(gateway.port);
  await generate({ scaleFactor: 0.01, directory: data, minShards: 3, threads: 1 });
  await gateway.putFolder(data, "tpch/");
  await using local = await connect({ threads: 1 });
  for (const table of tableNames) await local.register(table, join(data, table, "*.parquet"));
  for (const query of QUERIES) expected.set(query, await answer(local, query));
  cluster = await startTestCluster({
    nodes: 3,
    args: ["--threads", "1"],
    env: {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${proxy.port}`,
      AWS_ACCESS_KEY_ID: ACCESS_KEY,
      AWS_SECRET_ACCESS_KEY: SECRET_KEY,
      AWS_REGION: "us-east-1",
    },
  });
  db = await connect(cluster.url);
  for (const table of tableNames) await db.register(table, `s3://${BUCKET}/tpch/${table}/*.parquet`);
});
afterAll(async () => {
  await db?.close();
  await cluster?.stop();
  await proxy?.close();
  await gateway?.close();
  scratch.remove();
});

describe("three nodes that read from S3", () => {
  it.each(QUERIES)("answer query %i as one does from local files", async (query) => {
    expect(await answer(db, query)).toEqual(expected.get(query));
  });

  it("take a path in FROM", async () => {
    const result = await db.query(`SELECT count(*) AS n FROM 's3://${BUCKET}/tpch/lineitem/'`);
    expect(result.toArray()).toEqual([{ n: 60_175n }]);
  });

  it("keep what they read on their own disks", () => {
    const cached = cluster.nodes.filter((node) => {
      const cache = join(node.data, ".headcut", "cache", "blocks-1");
      return existsSync(cache) && readdirSync(cache).length > 0;
    });
    expect(cached.length).toBe(3);
  });

  it("say what is wrong with an object", async () => {
    const error: unknown = await db
      .query(`SELECT * FROM 's3://${BUCKET}/none.parquet'`)
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(QueryError);
    expect(error).toMatchObject({ code: "io" });
    expect((error as QueryError).message).toContain(`s3://${BUCKET}/none.parquet`);
    expect((error as QueryError).message).not.toContain(SECRET_KEY);
  });
});
