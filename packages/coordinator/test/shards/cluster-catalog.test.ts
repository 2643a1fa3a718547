import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openParquetTable } from "@headcut/executor";
import { QueryError } from "@headcut/plan";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Peers } from "../../src/rpc/peer.ts";
import { viewCluster } from "../../src/shards/cluster-view.ts";
import { describeFiles } from "../../src/shards/describe-files.ts";
import { type LoadReport, loadShards } from "../../src/shards/load-shards.ts";
import { type FakeCluster, fakeCluster, writeShard } from "./fake-cluster.ts";

let cluster: FakeCluster;
beforeEach(async () => {
  cluster = await fakeCluster(3);
});
afterEach(() => cluster.remove());

const node = (number: number) => cluster.nodes[number - 1]!;
const source = (name: string): string => join(node(1).directory, "..", "source", name);

/** Twelve files of 500 rows. */
const writeSources = (): string[] =>
  Array.from({ length: 12 }, (_, i) => {
    const path = source(`part-${String(i).padStart(2, "0")}.parquet`);
    writeShard(path, i * 500, 500);
    return path;
  });

const load = async (paths: readonly string[], table = "t", copies = 2): Promise<LoadReport> => {
  const view = await viewCluster(cluster.peers, ["node-1"]);
  return loadShards(view, { table, copies, ...(await describeFiles(table, paths)) });
};

describe("tables of files that lie in folders", () => {
  test("are made of all nodes' files, as one node would make one of them all", async () => {
    const paths = writeSources();
    for (const [i, path] of paths.entries()) {
      const name = path.split("/").at(-1)!;
      for (const holder of [node((i % 3) + 1), node(((i + 1) % 3) + 1)]) {
        mkdirSync(join(holder.directory, "t"), { recursive: true });
        copyFileSync(path, join(holder.directory, "t", name));
      }
    }
    const whole = await openParquetTable("t", paths);
    for (const { catalog } of cluster.nodes) {
      expect(await catalog.tableNames()).toEqual(["t"]);
      const table = await catalog.resolve("T");
      expect(table).toMatchObject({ name: "t", rowCount: whole.rowCount });
      expect(table!.columns.map(({ name, type, nullable }) => ({ name, type, nullable }))).toEqual(
        whole.columns.map(({ name, type, nullable }) => ({ name, type, nullable })),
      );
      expect(table!.columns[0]!.statistics).toEqual(whole.columns[0]!.statistics);
      expect(table!.columns[1]!.statistics).toMatchObject({ min: "word 0", max: "word 6", nullCount: 0 });
      const files = table!.source.kind === "parquet" ? table!.source.files : [];
      expect(files.map(({ path }) => path)).toEqual(paths.map((path) => `shard:///t/${path.split("/").at(-1)}`));
      const splits = (await Promise.all(files.map(catalog.splitsOf))).flat();
      expect(splits.reduce((sum, { rowCount }) => sum + rowCount, 0)).toBe(6000);
      expect(splits[0]!.reach).toEqual({ kind: "held", by: ["node-1", "node-2"] });
      for (const split of splits) {
        const [holder] = split.reach.kind === "held" ? split.reach.by : [];
        const { shards } = cluster.nodes.find(({ nodeId }) => nodeId === holder)!;
        expect(shards.localFile(split.file)).toBeDefined();
      }
    }
    expect(await node(1).catalog.resolve("u")).toBeUndefined();
  });

  test("are asked for once a second at most, and without an answer in between", async () => {
    writeShard(join(node(2).directory, "t", "a.parquet"), 0, 10);
    const { catalog } = node(1);
    const first = await catalog.resolve("t");
    for (let i = 0; i < 20; i++) expect(await catalog.resolve("t")).toBe(first);
    expect(node(2).answered).toEqual(["shards"]);
    catalog.invalidate();
    expect(await catalog.resolve("t")).toBe(first);
    expect(node(2).answered).toEqual(["shards", "shards"]);
  });

  test("keep what a lost node alone holds", async () => {
    writeShard(join(node(1).directory, "t", "a.parquet"), 0, 10);
    writeShard(join(node(2).directory, "t", "b.parquet"), 10, 10);
    const { catalog } = node(1);
    await catalog.resolve("t");
    node(2).isAlive = false;
    const table = await catalog.resolve("t");
    expect(table!.rowCount).toBe(20);
    const [, file] = table!.source.kind === "parquet" ? table!.source.files : [];
    expect((await catalog.splitsOf(file!))[0]!.reach).toEqual({ kind: "held", by: ["node-2"] });
  });

  test("wait only so long for a node that does not answer", async () => {
    writeShard(join(node(2).directory, "t", "a.parquet"), 0, 10);
    const { catalog } = node(1);
    await catalog.resolve("t");
    node(2).isStopped = true;
    catalog.invalidate();
    const start = performance.now();
    expect((await catalog.resolve("t"))!.rowCount).toBe(10);
    expect(performance.now() - start).toBeLessThan(1000);
  });

  test("are not known while a living node has never said what it holds", async () => {
    writeShard(join(node(1).directory, "t", "a.parquet"), 0, 10);
    node(3).isStopped = true;
    await expect(node(1).catalog.resolve("t")).rejects.toMatchObject({
      code: "io",
      message: expect.stringContaining("node node-3 does not answer"),
    });
  });

  test("are waited for by a node that has not found the others yet", async () => {
    writeShard(join(node(1).directory, "t", "a.parquet"), 0, 10);
    writeShard(join(node(2).directory, "t", "b.parquet"), 10, 10);
    node(1).isJoining = true;
    let answered = false;
    const table = node(1)
      .catalog.resolve("t")
      .finally(() => {
        answered = true;
      });
    await new Promise((resolve) => setTimeout(resolve, 1800));
    expect(answered).toBe(false);
    node(1).isJoining = false;
    expect((await table)!.rowCount).toBe(20);
  });

  test("fail when copies differ, when types differ, and when a file is damaged", async () => {
    writeShard(join(node(1).directory, "t", "a.parquet"), 0, 10);
    writeShard(join(node(2).directory, "t", "a.parquet"), 1, 10);
    await expect(node(3).catalog.resolve("t")).rejects.toMatchObject({
      code: "io",
      message: "shard:///t/a.parquet is not the same file on node node-1 as on node node-2",
    });
    writeShard(join(node(1).directory, "u", "a.parquet"), 0, 10);
    writeShard(join(node(2).directory, "u", "b.parquet"), 0, 0, [{ name: "id", data: ["x"], type: "STRING" }]);
    node(3).catalog.invalidate();
    await expect(node(3).catalog.resolve("u")).rejects.toMatchObject({
      code: "type-mismatch",
      message: 'column "id" is VARCHAR in shard:///u/b.parquet, but INTEGER in shard:///u/a.parquet',
    });
    writeShard(join(node(1).directory, "v", "a.parquet"), 0, 10);
    mkdirSync(join(node(2).directory, "v"), { recursive: true });
    writeFileSync(join(node(2).directory, "v", "b.parquet"), "half a file");
    node(3).catalog.invalidate();
    await expect(node(3).catalog.resolve("v")).rejects.toMatchObject({ code: "corrupt-file" });
    writeShard(join(node(3).directory, "v", "b.parquet"), 10, 10);
    expect((await node(3).catalog.resolve("v"))!.rowCount).toBe(20);
  });

  test("a file that was replaced is not read by an older plan", async () => {
    writeShard(join(node(1).directory, "t", "a.parquet"), 0, 10);
    const { catalog } = node(1);
    const table = await catalog.resolve("t");
    const [file] = table!.source.kind === "parquet" ? table!.source.files : [];
    rmSync(join(node(1).directory, "t", "a.parquet"));
    writeShard(join(node(1).directory, "t", "a.parquet"), 5, 10);
    await catalog.resolve("t");
    await expect(catalog.splitsOf(file!)).rejects.toMatchObject({
      code: "io",
      message: expect.stringContaining("changed"),
    });
  });
});

/** One that has died, though nobody knows it yet. */
const refusing =
  (peer: Peers["peer"], dead: string): Peers["peer"] =>
  (address) =>
    address === dead
      ? { ...peer(address), call: () => Promise.reject(new QueryError("io", `no ${dead}`)) }
      : peer(address);

describe("tables that were loaded", () => {
  test("lie on two nodes each, evenly, and are whole without one", async () => {
    const report = await load(writeSources());
    expect(report).toMatchObject({ shards: 12, copies: 2, skipped: 0 });
    for (const bytes of report.bytesByNode.values()) expect(bytes / (report.bytesSent / 3)).toBeCloseTo(1, 0);
    const table = await node(1).catalog.resolve("t");
    expect(table!.rowCount).toBe(6000);
    for (const { holders } of await node(1).catalog.places()) expect(holders).toHaveLength(2);
    node(2).isAlive = false;
    rmSync(node(2).directory, { recursive: true });
    // A node that has never heard of the lost one.
    const fresh = await cluster.add();
    expect((await fresh.catalog.resolve("t"))!.rowCount).toBe(6000);
    expect((await fresh.catalog.places()).every(({ holders }) => holders.length >= 1)).toBe(true);
  });

  test("are not known to be whole when a shard is nowhere: the error names it", async () => {
    await load(writeSources(), "t", 1);
    const places = await node(1).catalog.places();
    const lost = places.find(({ holders }) => holders[0] === "node-2")!;
    node(2).isAlive = false;
    const fresh = await cluster.add();
    await expect(fresh.catalog.resolve("t")).rejects.toMatchObject({
      code: "io",
      message: expect.stringContaining(`no node that can be reached has shard:///t/${lost.name}`),
    });
    node(2).isAlive = true;
    expect((await fresh.catalog.resolve("t"))!.rowCount).toBe(6000);
  });

  test("are not read before all who may have copies have said so, or have had the time", async () => {
    await load(writeSources());
    const holdersOf = async (number: number): Promise<number[]> => {
      const { catalog } = node(number);
      const { source } = (await catalog.resolve("t"))!;
      const splits = source.kind === "parquet" ? (await Promise.all(source.files.map(catalog.splitsOf))).flat() : [];
      return splits.map(({ reach }) => (reach.kind === "held" ? reach.by.length : 0));
    };
    node(2).isRefusing = true;
    await cluster.add();
    setTimeout(() => {
      node(2).isRefusing = false;
    }, 300);
    expect(new Set(await holdersOf(4))).toEqual(new Set([2]));

    node(2).isRefusing = true;
    await cluster.add();
    expect(new Set(await holdersOf(5))).toEqual(new Set([1, 2]));
  });

  test("are loaded again without sending anything, and grow by new files", async () => {
    const paths = writeSources();
    await load(paths.slice(0, 6));
    expect((await node(3).catalog.resolve("t"))!.rowCount).toBe(3000);
    expect(await load(paths.slice(0, 6))).toMatchObject({ bytesSent: 0, skipped: 12 });
    expect(await load(paths)).toMatchObject({ shards: 12, skipped: 12 });
    expect((await node(3).catalog.resolve("t"))!.rowCount).toBe(6000);
  });

  test("do not change while a load is under way, and a load that was cut off goes on", async () => {
    const paths = writeSources();
    await load(paths.slice(0, 6));
    node(2).shards.put = async () => {
      // Others get theirs meanwhile.
      await new Promise((resolve) => setTimeout(resolve, 300));
      throw new Error("the disk is full");
    };
    await expect(load(paths)).rejects.toThrow("the disk is full");
    expect((await node(1).catalog.resolve("t"))!.rowCount).toBe(3000);
    expect(await node(1).catalog.resolve("new")).toBeUndefined();
    await expect(load(paths, "new")).rejects.toThrow("the disk is full");
    expect(await node(1).catalog.resolve("new")).toBeUndefined();
    const { directory } = node(2);
    node(2).isAlive = false;
    await cluster.add(directory);
    const report = await load(paths, "new");
    expect(report.skipped).toBeGreaterThan(0);
    expect((await node(1).catalog.resolve("new"))!.rowCount).toBe(6000);
  });

  test("take in the files that lay in the folders before", async () => {
    writeShard(join(node(1).directory, "t", "old.parquet"), 0, 10);
    await load(writeSources());
    expect((await node(2).catalog.resolve("t"))!.rowCount).toBe(6010);
    // From now on a file that is put there is not part of it.
    writeShard(join(node(1).directory, "t", "stray.parquet"), 0, 10);
    expect((await node(1).catalog.resolve("t"))!.rowCount).toBe(6010);
  });

  test("refuse other content under a name, other types, other columns, and two files of one name", async () => {
    await load(writeSources());
    writeShard(source("other/part-00.parquet"), 1, 10);
    await expect(load([source("other/part-00.parquet")])).rejects.toMatchObject({ code: "already-exists" });
    writeShard(source("typed.parquet"), 1, 0, [{ name: "id", data: ["x"], type: "STRING" }]);
    await expect(load([source("typed.parquet")])).rejects.toMatchObject({ code: "type-mismatch" });
    writeShard(source("named.parquet"), 1, 0, [{ name: "key", data: [1], type: "INT32" }]);
    await expect(load([source("named.parquet")])).rejects.toMatchObject({
      code: "type-mismatch",
      hint: "Its columns are id, word.",
    });
    await expect(load([source("part-00.parquet"), source("other/part-00.parquet")])).rejects.toMatchObject({
      code: "invalid-argument",
    });
  });

  test("grow while a node that is said to live does not answer; a first load waits for it", async () => {
    const paths = writeSources();
    await load(paths.slice(0, 6));
    cluster.peers.peer = refusing(cluster.peers.peer, "node-2");
    expect(await load(paths)).toMatchObject({ shards: 12 });
    await expect(load(paths, "new")).rejects.toMatchObject({
      message: expect.stringContaining("node node-2 does not answer"),
    });
    // It hears of the new shards from the others.
    expect((await node(2).catalog.resolve("t"))!.rowCount).toBe(6000);
  });

  test("more copies than nodes are as many as there are nodes", async () => {
    expect(await load(writeSources().slice(0, 2), "t", 9)).toMatchObject({ copies: 3 });
  });
});
