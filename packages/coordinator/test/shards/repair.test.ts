import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { viewCluster } from "../../src/shards/cluster-view.ts";
import { describeFiles } from "../../src/shards/describe-files.ts";
import { loadShards } from "../../src/shards/load-shards.ts";
import type { RepairCopy } from "../../src/shards/plan-repair.ts";
import { repairShards } from "../../src/shards/repair-shards.ts";
import { type FakeCluster, fakeCluster, writeShard } from "./fake-cluster.ts";

let cluster: FakeCluster;
beforeEach(async () => {
  cluster = await fakeCluster(3);
  const sources = Array.from({ length: 12 }, (_, i) => {
    const path = join(cluster.nodes[0]!.directory, "..", "source", `part-${i}.parquet`);
    writeShard(path, i * 100, 100);
    return path;
  });
  const view = await viewCluster(cluster.peers, ["node-1"]);
  await loadShards(view, { table: "t", copies: 2, ...(await describeFiles("t", sources)) });
});
afterEach(() => cluster.remove());

const repair = async (): Promise<RepairCopy[]> => {
  const made: RepairCopy[] = [];
  const living = cluster.nodes.filter(({ isAlive }) => isAlive);
  for (const { nodeId, shards, catalog } of living) {
    await repairShards({
      nodeId,
      shards,
      catalog,
      peers: cluster.peers,
      living: living.map((node) => ({ nodeId: node.nodeId, address: node.nodeId, weight: 1 })),
      signal: new AbortController().signal,
      onCopy: (copy) => made.push(copy),
    });
  }
  return made;
};

const livingCopies = async (): Promise<number[]> => {
  const living = new Set(cluster.nodes.filter(({ isAlive }) => isAlive).map(({ nodeId }) => nodeId));
  const { catalog } = cluster.nodes.find(({ isAlive }) => isAlive)!;
  catalog.invalidate();
  return (await catalog.places()).map(({ holders }) => holders.filter((nodeId) => living.has(nodeId)).length);
};

test("nothing is copied while all is well, nor when a node joins", async () => {
  expect(await repair()).toEqual([]);
  await cluster.add();
  expect(await repair()).toEqual([]);
});

test("what a lost node held gets a second copy again, each made once", async () => {
  cluster.nodes[1]!.isAlive = false;
  expect(await livingCopies()).toContain(1);
  const made = await repair();
  expect(made.length).toBe(new Set(made.map(({ name }) => name)).size);
  expect(made.length).toBe(8);
  expect(new Set(await livingCopies())).toEqual(new Set([2]));
  expect(await repair()).toEqual([]);
});

test("with one node left there is nowhere to copy to; another one gets all", async () => {
  cluster.nodes[0]!.isAlive = false;
  await repair();
  cluster.nodes[1]!.isAlive = false;
  expect(await repair()).toEqual([]);
  await cluster.add();
  expect(await repair()).toHaveLength(12);
  expect(new Set(await livingCopies())).toEqual(new Set([2]));
});

test("a copy that is damaged is not spread", async () => {
  cluster.nodes[1]!.isAlive = false;
  const { catalog, shards, directory } = cluster.nodes[0]!;
  const copy = (
    await catalog.repairs([
      { nodeId: "node-1", weight: 1 },
      { nodeId: "node-3", weight: 1 },
    ])
  ).find(({ from }) => from === "node-1")!;
  const path = join(directory, "t", copy.name);
  // The footer is as it was, a page is not; the time of the change is what the node sees.
  const bytes = Buffer.from(
    writeShard(join(directory, "..", "again.parquet"), Number(/\d+/.exec(copy.name)![0]) * 100, 100),
  );
  bytes[10] = bytes[10]! ^ 0xff;
  rmSync(path);
  writeFileSync(path, bytes);
  await shards.refresh();
  await expect(repair()).rejects.toMatchObject({ code: "corrupt-file", message: expect.stringContaining(path) });
});

test("files that lie in folders stay where people have put them", async () => {
  writeShard(join(cluster.nodes[0]!.directory, "found", "a.parquet"), 0, 10);
  cluster.nodes[0]!.catalog.invalidate();
  expect(await repair()).toEqual([]);
});
