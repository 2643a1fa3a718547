import { join } from "node:path";
import { openEngine } from "@headcut/executor";
import type { Table } from "@headcut/plan";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openNode } from "../../src/node/open-node.ts";
import { openShardStore } from "../../src/shards/open-shard-store.ts";
import { type ClusterData, clusterData } from "./cluster-data.ts";
import { linesOf, planSql } from "./plan-sql.ts";
import { NO_CLIENTS, type ProcessCluster, SPREAD, startChild, startCluster, until } from "./process-cluster.ts";

const SLOW =
  "SELECT count(*), sum(a.o_totalprice) FROM orders a, orders b WHERE a.o_totalprice + b.o_totalprice < 30000";

let data: ClusterData;
let cluster: ProcessCluster;

beforeAll(async () => {
  data = await clusterData(3, 2);
  cluster = await startCluster(data.directories, join(data.folder, "spill"));
}, 120_000);

afterAll(async () => {
  await cluster?.close();
  data?.remove();
});

const planned = async (sql: string) => {
  const tables = await Promise.all(["lineitem", "orders"].map((name) => cluster.node.catalog.resolve(name)));
  return planSql(sql, tables as Table[]);
};

test("every node knows every other", async () => {
  for (const child of cluster.children) {
    const ids = async () => (await child.status()).members.map(({ member }) => member.nodeId).sort();
    await expect.poll(ids).toEqual(["n0", "n1", "n2"]);
  }
});

test("a node that drains finishes what it runs, and gets nothing new", async () => {
  const slow = await planned(SLOW);
  const wanted = await linesOf(cluster.node.execute(slow.physical, slow.names));
  const run = cluster.node.execute(slow.physical, slow.names);
  const lines = linesOf(run);
  await new Promise((resolve) => setTimeout(resolve, 100));
  const drained = cluster.children[0]!.drain();
  expect(await lines).toEqual(wanted);
  const report = await run.cluster;
  expect(report.nodes).toContain("n1");
  expect(report.retries).toBe(0);
  await drained;
  await until(() => cluster.node.members().some(({ status }) => status === "draining"));
  const next = cluster.node.execute(slow.physical, slow.names);
  expect(await linesOf(next)).toEqual(wanted);
  expect((await next.cluster).nodes).not.toContain("n1");
  await cluster.stop(cluster.children[0]!);
  // It said goodbye: nobody has to miss it first.
  await until(() => cluster.node.members().every(({ nodeId }) => nodeId !== "n1"), 500);
  await cluster.start("n1");
  const back = cluster.node.execute(slow.physical, slow.names);
  expect(await linesOf(back)).toEqual(wanted);
  expect((await back.cluster).nodes).toContain("n1");
}, 60_000);

test("the later of two processes with one id stops, and says why", async () => {
  const twin = await startChild({
    nodeId: "n1",
    directory: data.directories[1]!,
    spillDirectory: join(data.folder, "spill", "twin"),
    seeds: [cluster.node.address],
  });
  expect(await twin.gaveUp).toBe(`another node with the id n1 is running at ${cluster.children[0]!.address}`);
  await twin.close();
  await until(() => cluster.node.status().members.every(({ health }) => health === "fresh"));
  const query = await planned("SELECT count(*) FROM lineitem");
  const run = cluster.node.execute(query.physical, query.names);
  expect(await linesOf(run)).toEqual(["60175"]);
}, 60_000);

test("a second node in this process, found by DNS; nodes of another cluster are not let in", async () => {
  const engine = openEngine({ threads: 1, memoryLimitBytes: 64 * 1024 * 1024, columnCacheBytes: 0 });
  const open = async (nodeId: string, clusterName: string) =>
    openNode({
      nodeId,
      listen: "127.0.0.1:0",
      clusterName,
      seeds: { kind: "dns", name: "127.0.0.1", port: Number(cluster.node.address.split(":")[1]) },
      security: {},
      engine,
      shards: await openShardStore(join(data.folder, nodeId)),
      flight: () => NO_CLIENTS,
      spillDirectory: join(data.folder, "spill", nodeId),
      ...SPREAD,
    });
  const [friend, stranger] = [await open("friend", "test"), await open("stranger", "other")];
  const known = (id: string) => cluster.node.members().some(({ nodeId }) => nodeId === id);
  await until(() => known("friend"));
  await until(() => friend.members().length === 4);
  expect(known("stranger")).toBe(false);
  expect(stranger.members().map(({ nodeId }) => nodeId)).toEqual(["stranger"]);
  await friend.close();
  expect(known("friend")).toBe(false);
  await expect(friend.closed).resolves.toBeUndefined();
  await stranger.close();
  await engine.close();
}, 20_000);

test("a query that comes to a closed node is refused", async () => {
  const engine = openEngine({ threads: 1, memoryLimitBytes: 64 * 1024 * 1024, columnCacheBytes: 0 });
  const node = await openNode({
    nodeId: "gone",
    listen: "127.0.0.1:0",
    clusterName: "alone",
    seeds: { kind: "none" },
    security: {},
    engine,
    shards: await openShardStore(data.directories[0]!),
    flight: () => NO_CLIENTS,
    spillDirectory: join(data.folder, "spill", "gone"),
  });
  const table = (await node.catalog.resolve("nation")) ?? expect.fail("no nation");
  const { physical, names } = planSql("SELECT count(*) FROM nation", [table]);
  await node.drain();
  expect(() => node.execute(physical, names)).toThrow("takes no new queries");
  await node.close();
  await engine.close();
});
