import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type ClusterView, viewCluster } from "../../src/shards/cluster-view.ts";
import { describeFiles } from "../../src/shards/describe-files.ts";
import { loadShards } from "../../src/shards/load-shards.ts";
import { type FakeCluster, fakeCluster, writeShard } from "./fake-cluster.ts";

let cluster: FakeCluster;
beforeEach(async () => {
  cluster = await fakeCluster(4);
});
afterEach(() => cluster.remove());

/** `id` is `first` and 99 more. */
const write = (name: string, first: number): string => {
  const path = join(cluster.nodes[0]!.directory, "..", "source", name);
  writeShard(path, first, 100);
  return path;
};

/** 50 rows whose `city` is this. */
const writeCity = (name: string, city: string): string => {
  const path = join(cluster.nodes[0]!.directory, "..", "source", name);
  const rows = Array.from({ length: 50 }, (_, i) => i);
  writeShard(path, 0, 0, [
    { name: "city", data: rows.map(() => city), type: "STRING", nullable: true },
    { name: "x", data: rows, type: "INT32", nullable: false },
  ]);
  return path;
};

const view = (): Promise<ClusterView> => viewCluster(cluster.peers, ["node-1"]);
const load = async (table: string, paths: readonly string[], partitionedBy?: string): Promise<ClusterView> => {
  await loadShards(await view(), { table, copies: 2, partitionedBy, ...(await describeFiles(table, paths)) });
  return view();
};
const refused = (table: string, paths: readonly string[], partitionedBy?: string): Promise<string> =>
  load(table, paths, partitionedBy).then(
    () => "it was loaded",
    (error: Error) => error.message,
  );

/** Who has what of a table, by partition. */
const homesOf = ({ tables }: ClusterView, table: string): Map<string | undefined, readonly string[]> =>
  new Map(tables.get(table)!.shards.map(({ partition, holders }) => [partition, holders]));

test("a declared table says so in its manifest, and its shards lie where those of others of the same values do", async () => {
  await load("a", [write("a0.parquet", 0), write("a1.parquet", 100), write("a2.parquet", 200)], "id");
  const seen = await load("b", [write("x9.parquet", 100), write("x8.parquet", 700), write("x7.parquet", 0)], "id");
  expect(seen.manifests.get("a")).toMatchObject({ partitionedBy: "id", copies: 2 });
  const [a, b] = [homesOf(seen, "a"), homesOf(seen, "b")];
  expect([...a.keys()]).toEqual(["integer 0 to 99", "integer 100 to 199", "integer 200 to 299"]);
  expect(b.get("integer 0 to 99")).toEqual(a.get("integer 0 to 99"));
  expect(b.get("integer 100 to 199")).toEqual(a.get("integer 100 to 199"));
});

test("files that are not apart are refused before anything is sent, those of a later load too", async () => {
  const [first, next] = [write("a.parquet", 0), write("b.parquet", 50)];
  expect(await refused("t", [first, next], "id")).toBe(
    `${first} (0 to 99) and ${next} (50 to 149) may have equal values of "id"`,
  );
  for (const { directory } of cluster.nodes) expect(readdirSync(directory)).not.toContain("t");
  expect((await view()).tables.has("t")).toBe(false);
  await load("t", [first], "id");
  expect(await refused("t", [next])).toMatch(/^shard:\/\/\/t\/a.parquet \(0 to 99\) and .*b.parquet \(50 to 149\)/);
  const grown = await load("t", [first, write("c.parquet", 100)]);
  expect([...homesOf(grown, "t").keys()]).toEqual(["integer 0 to 99", "integer 100 to 199"]);
  expect(await refused("t", [first], "word")).toBe('table t was loaded by "id", not by "word"');
});

test("a table that was loaded without it is not partitioned later", async () => {
  const path = write("a.parquet", 0);
  await load("t", [path]);
  expect(await refused("t", [path], "id")).toBe('table t was loaded without partitions, not by "id"');
  expect(await refused("u", [path], "nothing")).toMatch(/a\.parquet has no column "nothing"/);
});

test("folders of Hive's kind declare their column, where files have it as well; files of one name are two shards", async () => {
  const paths = ["Bonn", "Ulm"].flatMap((city) =>
    [0, 1].map((i) => writeCity(`kind=1/city=${city}/part-${i}.parquet`, city)),
  );
  const seen = await load("t", paths);
  expect(seen.manifests.get("t")).toMatchObject({ partitionedBy: "city" });
  expect(seen.tables.get("t")!.shards.map(({ entry, partition }) => [entry.name, partition])).toEqual([
    ["kind=1,city=Bonn,part-0.parquet", 'text "Bonn"'],
    ["kind=1,city=Bonn,part-1.parquet", 'text "Bonn"'],
    ["kind=1,city=Ulm,part-0.parquet", 'text "Ulm"'],
    ["kind=1,city=Ulm,part-1.parquet", 'text "Ulm"'],
  ]);
  const [a, b, c, d] = seen.tables.get("t")!.shards;
  expect([a!.holders, c!.holders]).toEqual([b!.holders, d!.holders]);
});

test("folders that files contradict declare nothing, and are refused when they are declared; those that files say nothing of declare their column", async () => {
  const paths = [writeCity("city=Bonn/a.parquet", "Bonn"), writeCity("city=Ulm/a.parquet", "Jena")];
  expect(await refused("t", paths, "city")).toMatch(/city=Ulm\/a.parquet has other values of "city" than its folder/);
  expect((await load("t", paths)).manifests.get("t")!.partitionedBy).toBeUndefined();
  const bare = [write("month=1/a.parquet", 0), write("month=2/a.parquet", 0)];
  expect(await refused("u", bare, "year")).toMatch(/has no column "year"/);
  expect((await load("u", bare)).manifests.get("u")).toMatchObject({ partitionedBy: "month", shards: [{}, {}] });
});
