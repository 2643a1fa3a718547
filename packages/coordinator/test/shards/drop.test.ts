import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { viewCluster } from "../../src/shards/cluster-view.ts";
import { describeFiles } from "../../src/shards/describe-files.ts";
import { dropShards } from "../../src/shards/drop-shards.ts";
import { loadShards } from "../../src/shards/load-shards.ts";
import { mergeManifest } from "../../src/shards/merge-manifests.ts";
import { openShardStore } from "../../src/shards/open-shard-store.ts";
import type { TableManifest } from "../../src/shards/table-manifest.ts";
import { random } from "../random.ts";
import { type FakeCluster, type FakeNode, fakeCluster, writeShard } from "./fake-cluster.ts";

let cluster: FakeCluster;
const file = (name: string, first: number): string => {
  const path = join(cluster.nodes[0]!.directory, "..", "source", name);
  writeShard(path, first, 100);
  return path;
};
const load = async (paths: readonly string[]): Promise<void> => {
  const view = await viewCluster(cluster.peers, ["node-1"]);
  await loadShards(view, { table: "t", copies: 2, ...(await describeFiles("t", paths)) });
};
const drop = async (): Promise<boolean> => dropShards(await viewCluster(cluster.peers, ["node-1"]), "t");
const rowsAt = async ({ catalog }: FakeNode): Promise<number | undefined> => {
  catalog.invalidate();
  return (await catalog.resolve("t"))?.rowCount;
};

beforeEach(async () => {
  cluster = await fakeCluster(3);
  await load([file("a.parquet", 0), file("b.parquet", 100), file("c.parquet", 200)]);
});
afterEach(() => cluster.remove());

test("a dropped table is no more, on any node; queries that have begun may read its files", async () => {
  const [first] = cluster.nodes as [FakeNode];
  const { path, sizeBytes, rowCount, identity } = first.shards.list()[0]!;
  expect(await drop()).toBe(true);
  for (const node of cluster.nodes) expect(await rowsAt(node)).toBeUndefined();
  expect(await first.catalog.tableNames()).toEqual([]);
  expect(first.shards.list()).toEqual([]);
  const local = first.shards.localFile({ path, sizeBytes, rowCount, identity })!;
  expect(existsSync(local.path)).toBe(true);
  expect(await drop()).toBe(false);
});

test("a node that was away does not bring it back, and gives up its files", async () => {
  const third = cluster.nodes[2]!;
  third.isAlive = false;
  await drop();
  third.isAlive = true;
  expect(third.shards.list().length).toBeGreaterThan(0);
  for (const node of cluster.nodes) expect(await rowsAt(node)).toBeUndefined();
  expect(third.shards.list()).toEqual([]);
});

test("what is loaded later under the name is another table, also for a node that was away all the time", async () => {
  const third = cluster.nodes[2]!;
  third.isAlive = false;
  await drop();
  await load([file("a.parquet", 500)]);
  third.isAlive = true;
  for (const node of cluster.nodes) expect(await rowsAt(node)).toBe(100);
  expect((await cluster.nodes[0]!.catalog.places()).map(({ name }) => name)).toEqual(["t1-a.parquet"]);
  await load([file("a.parquet", 500), file("b.parquet", 100)]);
  for (const node of cluster.nodes) expect(await rowsAt(node)).toBe(200);
  expect(await drop()).toBe(true);
  await load([file("b.parquet", 100)]);
  for (const node of cluster.nodes) expect(await rowsAt(node)).toBe(100);
});

test("rows that are appended to it meanwhile are dropped with it", async () => {
  const view = await viewCluster(cluster.peers, ["node-1"]);
  await drop();
  await loadShards(view, { table: "t", copies: 2, ...(await describeFiles("t", [file("d.parquet", 300)])) });
  for (const node of cluster.nodes) expect(await rowsAt(node)).toBeUndefined();
});

test("a node that is started again gives up what it had not removed yet", async () => {
  await drop();
  const { directory } = cluster.nodes[0]!;
  const again = await openShardStore(directory);
  expect(again.list()).toEqual([]);
  expect(again.listing().manifests).toMatchObject([{ table: "t", isDropped: true }]);
});

test("a query that was planned before still finds its splits", async () => {
  const [first] = cluster.nodes as [FakeNode];
  const table = await first.catalog.resolve("t");
  const files = table?.source.kind === "parquet" ? table.source.files : [];
  await drop();
  expect(await rowsAt(first)).toBeUndefined();
  expect((await first.catalog.splitsOf(files[1]!)).map(({ rowCount }) => rowCount)).toEqual([100]);
});

test("files that nobody has loaded are not dropped", async () => {
  writeShard(join(cluster.nodes[0]!.directory, "found", "a.parquet"), 0, 10);
  const view = await viewCluster(cluster.peers, ["node-1"]);
  await expect(dropShards(view, "found")).rejects.toMatchObject({ code: "unsupported" });
  expect(await dropShards(view, "none")).toBe(false);
});

test("200 seeds: manifests of loads, drops and replacements end alike in whatever order they meet", () => {
  for (let seed = 0; seed < 200; seed++) {
    const { below, chance, pick } = random(seed);
    const manifests = Array.from({ length: 6 }, (): TableManifest => {
      const createdAt = below(3);
      const names = ["a", "b", "c", "d"].filter(() => chance(0.5));
      const shards = names.map((name) => ({ name, sizeBytes: 1, sha256: name, identity: name, rowCount: 1 }));
      return {
        table: "t",
        tableId: `${createdAt}`,
        createdAt,
        copies: 2,
        shards,
        ...(chance(0.3) && { isDropped: true }),
        ...(chance(0.3) && { tableId: `${createdAt} ${pick(["x", "y"])}`, replaces: shards.slice(0, 2) }),
      };
    });
    const merged = (all: readonly TableManifest[]): TableManifest => all.reduce(mergeManifest);
    const shuffled = manifests.map((manifest) => ({ manifest, at: below(1000) })).sort((a, b) => a.at - b.at);
    const again = shuffled.map(({ manifest }) => manifest);
    // Some are heard of twice.
    expect(merged([...again, pick(again), pick(again)])).toEqual(merged(manifests));
  }
});
