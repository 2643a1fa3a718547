import { existsSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { viewCluster } from "../../src/shards/cluster-view.ts";
import { describeFiles } from "../../src/shards/describe-files.ts";
import { loadShards } from "../../src/shards/load-shards.ts";
import { moveShards } from "../../src/shards/move-shards.ts";
import type { ShardCopy, ShardDrop } from "../../src/shards/shard-moves.ts";
import { type FakeCluster, type FakeNode, fakeCluster, writeShard } from "./fake-cluster.ts";

let cluster: FakeCluster;
const dropped: ShardDrop[] = [];
beforeEach(async () => {
  dropped.length = 0;
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

const move = async (): Promise<ShardCopy[]> => {
  const made: ShardCopy[] = [];
  const living = cluster.nodes.filter(({ isAlive }) => isAlive);
  // What they know of each other may be a second old.
  for (const { catalog } of living) catalog.invalidate();
  for (const { nodeId, shards, catalog } of living) {
    await moveShards({
      nodeId,
      shards,
      catalog,
      peers: cluster.peers,
      living: living.map((node) => ({ nodeId: node.nodeId, address: node.nodeId, weight: 1 })),
      bytesPerSecond: 1e9,
      signal: new AbortController().signal,
      onCopy: (copy) => made.push(copy),
      onDrop: (drop) => dropped.push(drop),
    });
  }
  return made;
};

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

const livingCopies = async (): Promise<number[]> => {
  const living = new Set(cluster.nodes.filter(({ isAlive }) => isAlive).map(({ nodeId }) => nodeId));
  const { catalog } = cluster.nodes.find(({ isAlive }) => isAlive)!;
  catalog.invalidate();
  return (await catalog.places()).map(({ holders }) => holders.filter((nodeId) => living.has(nodeId)).length);
};

test("nothing moves while all is well", async () => {
  expect(await move()).toEqual([]);
  expect(dropped).toEqual([]);
});

test("a node that joins gets its share, and no shard ever has fewer copies", async () => {
  const added = await cluster.add();
  let copies = 0;
  for (let before = -1; before < copies + dropped.length; ) {
    before = copies + dropped.length;
    copies += (await move()).length;
    expect(Math.min(...(await livingCopies()))).toBe(2);
  }
  // Its share is six; with nearly as much nothing more is moved.
  expect(copies).toBeGreaterThanOrEqual(5);
  expect(copies).toBeLessThanOrEqual(6);
  expect(dropped).toHaveLength(copies);
  expect(new Set(await livingCopies())).toEqual(new Set([2]));
  expect(added.shards.list()).toHaveLength(copies);
  // Files that were given up are there for a while: queries may be reading them.
  const [{ name, from }] = dropped as [ShardDrop];
  const giver = cluster.nodes.find(({ nodeId }) => nodeId === from)!;
  expect(giver.shards.list().some((entry) => entry.name === name)).toBe(false);
  expect(existsSync(join(giver.directory, "t", name))).toBe(true);
  expect(await move()).toEqual([]);
  expect(await cluster.nodes[0]!.catalog.resolve("t")).toMatchObject({ rowCount: 1200 });
});

test("a copy is given up only for others that are as they should be", async () => {
  const added = await cluster.add();
  const [first] = cluster.nodes[0]!.shards.list();
  const name = first!.name;
  const { sizeBytes, sha256 } = (await cluster.nodes[0]!.shards.describe("t", name))!;
  const bytes = Uint8Array.from(readFileSync(join(cluster.nodes[0]!.directory, "t", name)));
  await added.shards.put("t", name, once(bytes), { sizeBytes, sha256 });
  expect(await added.shards.promise("t", name, sha256)).toBe(true);
  // A page of it becomes another; the footer is as it was.
  const path = join(added.directory, "t", name);
  bytes[10] = bytes[10]! ^ 0xff;
  rmSync(path);
  writeFileSync(path, bytes);
  utimesSync(path, 1, 1);
  expect(await added.shards.promise("t", name, sha256)).toBe(false);
  await move();
  expect(dropped.filter((drop) => drop.name === name && drop.from !== added.nodeId)).toEqual([]);
});

test("nodes that rely on each other's copies do not both give up theirs", async () => {
  const [a, b] = cluster.nodes as [FakeNode, FakeNode];
  const name = a.shards.list().find((entry) => b.shards.list().some((other) => other.name === entry.name))!.name;
  const { sha256 } = (await a.shards.describe("t", name))!;
  const both = await Promise.all([
    a.shards.retire("t", name, () => b.shards.promise("t", name, sha256)),
    b.shards.retire("t", name, () => a.shards.promise("t", name, sha256)),
  ]);
  expect(both).not.toEqual([true, true]);
  const other = a.shards.list().find((entry) => entry.name !== name)!.name;
  const sum = (await a.shards.describe("t", other))!.sha256;
  expect(await a.shards.promise("t", other, "another")).toBe(false);
  expect(await a.shards.promise("t", other, sum)).toBe(true);
  expect(await a.shards.retire("t", other, async () => true)).toBe(false);
});

test("a node that was gone for long and comes back: copies that are too many go", async () => {
  cluster.nodes[1]!.isAlive = false;
  await move();
  cluster.nodes[1]!.isAlive = true;
  expect(Math.max(...(await livingCopies()))).toBe(3);
  await move();
  expect(new Set(await livingCopies())).toEqual(new Set([2]));
});

test("a shard that was given up and is sent again stays", async () => {
  const { shards, directory } = cluster.nodes[0]!;
  const { name } = shards.list()[0]!;
  const { sizeBytes, sha256 } = (await shards.describe("t", name))!;
  const bytes = readFileSync(join(directory, "t", name));
  await shards.retire("t", name, async () => true);
  expect(await shards.describe("t", name)).toBeUndefined();
  await shards.put("t", name, once(bytes), { sizeBytes, sha256 });
  expect(await shards.describe("t", name)).toMatchObject({ sha256 });
});

test("what a lost node held gets a second copy again, each made once", async () => {
  cluster.nodes[1]!.isAlive = false;
  expect(await livingCopies()).toContain(1);
  const made = await move();
  expect(made.length).toBe(new Set(made.map(({ name }) => name)).size);
  expect(made.length).toBe(8);
  expect(new Set(await livingCopies())).toEqual(new Set([2]));
  expect(await move()).toEqual([]);
});

test("with one node left there is nowhere to copy to; another one gets all", async () => {
  cluster.nodes[0]!.isAlive = false;
  await move();
  cluster.nodes[1]!.isAlive = false;
  expect(await move()).toEqual([]);
  await cluster.add();
  expect(await move()).toHaveLength(12);
  expect(new Set(await livingCopies())).toEqual(new Set([2]));
});

test("a copy that is damaged is not spread", async () => {
  cluster.nodes[1]!.isAlive = false;
  const { catalog, shards, directory } = cluster.nodes[0]!;
  const copy = (
    await catalog.moves([
      { nodeId: "node-1", weight: 1 },
      { nodeId: "node-3", weight: 1 },
    ])
  ).copies.find(({ from }) => from === "node-1")!;
  const path = join(directory, "t", copy.name);
  // The footer is as it was, a page is not; the time of the change is what the node sees.
  const bytes = Buffer.from(
    writeShard(join(directory, "..", "again.parquet"), Number(/\d+/.exec(copy.name)![0]) * 100, 100),
  );
  bytes[10] = bytes[10]! ^ 0xff;
  rmSync(path);
  writeFileSync(path, bytes);
  await shards.refresh();
  await expect(move()).rejects.toMatchObject({ code: "corrupt-file", message: expect.stringContaining(path) });
});

test("files that lie in folders stay where people have put them", async () => {
  writeShard(join(cluster.nodes[0]!.directory, "found", "a.parquet"), 0, 10);
  cluster.nodes[0]!.catalog.invalidate();
  expect(await move()).toEqual([]);
});
