import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { viewCluster } from "../../src/shards/cluster-view.ts";
import { describeFiles } from "../../src/shards/describe-files.ts";
import { dropShards } from "../../src/shards/drop-shards.ts";
import { type LoadOptions, loadShards } from "../../src/shards/load-shards.ts";
import { openShardStore } from "../../src/shards/open-shard-store.ts";
import { type FakeCluster, type FakeNode, fakeCluster, writeShard } from "./fake-cluster.ts";

let cluster: FakeCluster;
const file = (name: string, first: number, rows = 100): string => {
  const path = join(cluster.nodes[0]!.directory, "..", `source-${first}`, name);
  writeShard(path, first, rows);
  return path;
};
const load = async (paths: readonly string[], more: Partial<LoadOptions> = {}) =>
  loadShards(await viewCluster(cluster.peers, ["node-1"], more.signal), {
    table: "t",
    copies: 2,
    ...(await describeFiles("t", paths)),
    ...more,
  });
const replace = (paths: readonly string[], more: Partial<LoadOptions> = {}) =>
  load(paths, { isReplacement: true, ...more });
const rowsAt = async ({ catalog }: FakeNode): Promise<number | undefined> => {
  catalog.invalidate();
  return (await catalog.resolve("t"))?.rowCount;
};
const expectRows = async (rows: number | undefined): Promise<void> => {
  for (const node of cluster.nodes) expect(await rowsAt(node)).toBe(rows);
};
const old = () => [file("a.parquet", 0), file("b.parquet", 100), file("c.parquet", 200)];

beforeEach(async () => {
  cluster = await fakeCluster(3);
  await load(old());
});
afterEach(() => cluster.remove());

test("the table is the new files, on all nodes; queries that have begun read the old ones", async () => {
  const [first] = cluster.nodes as [FakeNode];
  const table = await first.catalog.resolve("t");
  const before = table?.source.kind === "parquet" ? table.source.files : [];
  await replace([file("a.parquet", 500, 40)]);
  await expectRows(40);
  expect((await first.catalog.places()).map(({ name }) => name)).toEqual([
    expect.stringMatching(/^t1-\w{12}-a\.parquet$/),
  ]);
  for (const each of before) {
    expect(await first.catalog.splitsOf(each)).toHaveLength(1);
    const holder = cluster.nodes.find(({ shards }) => shards.localFile(each) !== undefined)!;
    expect(existsSync(holder.shards.localFile(each)!.path)).toBe(true);
  }
});

test("it may have other columns, grows as any other, and is replaced and dropped again", async () => {
  await replace([file("a.parquet", 500, 40)]);
  await load([file("b.parquet", 600, 2)]);
  await expectRows(42);
  // The same files once more, then the first ones.
  await replace([file("a.parquet", 500, 40)]);
  await expectRows(40);
  await replace(old());
  await expectRows(300);
  expect(await dropShards(await viewCluster(cluster.peers, ["node-1"]), "t")).toBe(true);
  await expectRows(undefined);
  await replace([file("a.parquet", 500, 40)]);
  await expectRows(40);
});

test("one that is cut off leaves the old table, and goes on where it was", async () => {
  const next = Array.from({ length: 8 }, (_, i) => file(`${i}.parquet`, 1000 * i, 1000));
  let reports = 0;
  const cutOff = replace(next, {
    onProgress: () => {
      // Four copies are on their way at once: others are there.
      if (++reports === 9) throw new Error("cut off");
    },
  });
  await expect(cutOff).rejects.toThrow("cut off");
  await expectRows(300);
  const again = await replace(next);
  expect(again.skipped).toBeGreaterThan(0);
  await expectRows(8000);
});

test("a node that was away takes the new table, and gives up its old files; so does one that is started again", async () => {
  const third = cluster.nodes[2]!;
  third.isAlive = false;
  await replace([file("a.parquet", 500, 40)]);
  third.isAlive = true;
  expect(third.shards.list().length).toBeGreaterThan(0);
  await expectRows(40);
  expect(third.shards.list().every(({ name }) => name.startsWith("t1-"))).toBe(true);
  for (const { directory } of cluster.nodes) {
    const again = await openShardStore(directory);
    expect(again.list().filter(({ name }) => !name.startsWith("t1-"))).toEqual([]);
    expect(readdirSync(join(directory, "t")).some((name) => !name.startsWith("t1-"))).toBe(true);
  }
});

test("of two at once one takes the place of both", async () => {
  const views = [await viewCluster(cluster.peers, ["node-1"]), await viewCluster(cluster.peers, ["node-2"])];
  const files = [[file("a.parquet", 500, 40)], [file("a.parquet", 600, 7), file("b.parquet", 700, 7)]];
  await Promise.all(
    views.map(async (view, i) =>
      loadShards(view, { table: "t", copies: 2, isReplacement: true, ...(await describeFiles("t", files[i]!)) }),
    ),
  );
  const rows = await rowsAt(cluster.nodes[0]!);
  expect([40, 14]).toContain(rows);
  await expectRows(rows);
});

test("rows that are appended to the old table meanwhile go with it; files that nobody has loaded are not replaced", async () => {
  const view = await viewCluster(cluster.peers, ["node-1"]);
  await replace([file("a.parquet", 500, 40)]);
  await loadShards(view, { table: "t", copies: 2, ...(await describeFiles("t", [file("d.parquet", 300)])) });
  await expectRows(40);
  writeShard(join(cluster.nodes[0]!.directory, "u", "a.parquet"), 0, 10);
  await expect(replace([file("a.parquet", 500, 40)], { table: "u" })).rejects.toMatchObject({ code: "unsupported" });
});
