import { createHash } from "node:crypto";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openParquetTable } from "@headcut/executor";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openShardStore } from "../../src/shards/open-shard-store.ts";
import type { ShardEntry } from "../../src/shards/shard-entry.ts";
import type { TableManifest } from "../../src/shards/table-manifest.ts";
import { writeShard } from "./fake-cluster.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "headcut-store-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = (...parts: string[]): string => join(folder, ...parts);
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

async function* pieces(bytes: Uint8Array, size = 100): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
}

const incoming = (): string[] => readdirSync(file(".headcut", "incoming"));

describe("what a data directory holds", () => {
  test("files in tables' folders and beside them, with what the executor knows of them", async () => {
    writeShard(file("t", "b.parquet"), 0, 2500);
    writeShard(file("t", "a.parquet"), 2500, 10);
    writeShard(file("größe.parquet"), 0, 1);
    writeShard(file("t", ".hidden.parquet"), 0, 1);
    writeShard(file(".trash", "x.parquet"), 0, 1);
    writeFileSync(file("t", "notes.txt"), "no shard");
    const store = await openShardStore(folder);
    expect(store.list().map(({ path, rowCount }) => [path, rowCount])).toEqual([
      ["shard:///größe/größe.parquet", 1],
      ["shard:///t/a.parquet", 10],
      ["shard:///t/b.parquet", 2500],
    ]);
    const entry = store.list()[2]!;
    expect(entry.columns).toEqual((await openParquetTable("t", [file("t", "b.parquet")])).columns);
    expect(entry.rowGroups.map(({ rowCount }) => rowCount)).toEqual([1000, 1000, 500]);
    expect(entry.rowGroups[0]!.byteOffset).toBe(4);
    const end = entry.rowGroups[2]!.byteOffset + entry.rowGroups[2]!.byteLength;
    expect(end).toBeLessThan(entry.sizeBytes);
    expect(entry.identity).toMatch(new RegExp(`^${entry.sizeBytes}-[0-9a-f]{32}$`));
  });

  test("copies have one identity; other content has another", async () => {
    writeShard(file("t", "a.parquet"), 0, 100);
    writeShard(file("t", "same.parquet"), 0, 100);
    writeShard(file("t", "other.parquet"), 1, 100);
    const [a, other, same] = (await openShardStore(folder)).list();
    expect(same!.identity).toBe(a!.identity);
    expect(other!.identity).not.toBe(a!.identity);
  });

  test("is looked for again only where folders have changed, and seen when it comes and goes", async () => {
    writeShard(file("t", "a.parquet"), 0, 10);
    const store = await openShardStore(folder);
    const { version } = store.listing();
    await store.refresh();
    expect(store.listing().version).toBe(version);
    writeShard(file("t", "b.parquet"), 10, 10);
    writeShard(file("u", "a.parquet"), 10, 10);
    await store.refresh();
    expect(store.list().map(({ path }) => path)).toEqual([
      "shard:///t/a.parquet",
      "shard:///t/b.parquet",
      "shard:///u/a.parquet",
    ]);
    expect(store.listing().version).not.toBe(version);
    rmSync(file("t", "b.parquet"));
    rmSync(file("u"), { recursive: true });
    await store.refresh();
    expect(store.listing().version).toBe(version);
  });

  test("names the files that it cannot read, and goes on", async () => {
    writeShard(file("t", "a.parquet"), 0, 10);
    writeFileSync(file("t", "bad.parquet"), "this is no Parquet file at all");
    writeFileSync(file("t", "empty.parquet"), "");
    const store = await openShardStore(folder);
    expect(store.list()).toHaveLength(1);
    expect(store.listing().bad.map(({ table, name }) => [table, name])).toEqual([
      ["t", "bad.parquet"],
      ["t", "empty.parquet"],
    ]);
    expect(store.listing().bad[0]!.reason).toMatch("not a Parquet file");
    writeShard(file("t", "bad.parquet"), 0, 10);
    await store.refresh();
    expect(store.list()).toHaveLength(2);
  });

  test("a shard is read from this disk, unless its content is not that of the plan", async () => {
    writeShard(file("t", "a.parquet"), 0, 10);
    const store = await openShardStore(folder);
    const [{ path, sizeBytes, rowCount, identity } = { path: "", sizeBytes: 0, rowCount: 0, identity: "" }] =
      store.list();
    const shard = { path, sizeBytes, rowCount, identity, rowGroups: { first: 0, count: 1 } };
    const local = store.localFile(shard);
    expect(local).toMatchObject({ path: file("t", "a.parquet"), rowGroups: { first: 0, count: 1 }, rowCount: 10 });
    expect(local!.identity).not.toBe(identity);
    expect(store.localFile({ ...shard, identity: "1-0" })).toBeUndefined();
    expect(store.localFile({ ...shard, path: "shard:///t/b.parquet" })).toBeUndefined();
    const elsewhere = { ...shard, path: "s3://lake/a.parquet" };
    expect(store.localFile(elsewhere)).toBe(elsewhere);
  });
});

describe("putting a shard", () => {
  test("keeps the bytes, and a second opening finds them", async () => {
    const bytes = writeShard(file("source", "x.parquet"), 5, 300);
    const store = await openShardStore(file("data"));
    const expected = { sizeBytes: bytes.length, sha256: sha256(bytes) };
    const entry = await store.put("t", "a.parquet", pieces(bytes), expected);
    expect(entry).toMatchObject({ path: "shard:///t/a.parquet", rowCount: 300 });
    expect(await store.describe("t", "a.parquet")).toMatchObject({ ...expected, identity: entry.identity });
    const again = await openShardStore(file("data"));
    expect(again.list()).toEqual(store.list());
    expect(again.listing().version).toBe(store.listing().version);
    expect(await again.describe("t", "a.parquet")).toMatchObject(expected);
  });

  test.each([
    [
      "a wrong checksum",
      (bytes: Uint8Array) => ({ sizeBytes: bytes.length, sha256: "0".repeat(64) }),
      "another checksum",
    ],
    [
      "too few bytes",
      (bytes: Uint8Array) => ({ sizeBytes: bytes.length + 1, sha256: sha256(bytes) }),
      "bytes came, not",
    ],
    ["too many bytes", (bytes: Uint8Array) => ({ sizeBytes: bytes.length - 1, sha256: sha256(bytes) }), "more than"],
  ])("is refused for %s, and leaves nothing", async (_, expected, message) => {
    const bytes = writeShard(file("source", "x.parquet"), 5, 300);
    const store = await openShardStore(file("data"));
    await expect(store.put("t", "a.parquet", pieces(bytes), expected(bytes))).rejects.toMatchObject({
      code: "io",
      message: expect.stringContaining(message),
    });
    expect(store.list()).toEqual([]);
    expect(readdirSync(file("data"))).toEqual([".headcut"]);
    expect(readdirSync(file("data", ".headcut", "incoming"))).toEqual([]);
  });

  test("what is no Parquet file does not take the place of one", async () => {
    writeShard(file("t", "a.parquet"), 0, 10);
    const store = await openShardStore(folder);
    const before = store.list();
    const junk = new TextEncoder().encode("junk that is long enough for a footer");
    const put = store.put("t", "a.parquet", pieces(junk), { sizeBytes: junk.length, sha256: sha256(junk) });
    await expect(put).rejects.toMatchObject({ code: "corrupt-file" });
    await store.refresh();
    expect(store.list()).toEqual(before);
    expect(incoming()).toEqual([]);
  });

  test("a transfer that breaks off leaves nothing", async () => {
    const bytes = writeShard(file("source", "x.parquet"), 5, 300);
    const store = await openShardStore(folder);
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield bytes.subarray(0, 50);
      throw new Error("connection reset");
    }
    const put = store.put("t", "a.parquet", broken(), { sizeBytes: bytes.length, sha256: sha256(bytes) });
    await expect(put).rejects.toThrow("connection reset");
    expect(incoming()).toEqual([]);
    expect(existsSync(file("t"))).toBe(false);
  });

  test("what a killed process has left of a shard is not one, and is removed", async () => {
    await openShardStore(folder);
    const bytes = writeShard(file("source", "x.parquet"), 5, 300);
    writeFileSync(file(".headcut", "incoming", "1234.partial"), bytes.subarray(0, 100));
    const store = await openShardStore(folder);
    expect(incoming()).toEqual([]);
    expect(store.list().map(({ table }) => table)).toEqual(["source"]);
  });

  test.each([
    ["../t", "a.parquet"],
    ["t/u", "a.parquet"],
    [".t", "a.parquet"],
    ["", "a.parquet"],
    ["t\0", "a.parquet"],
    ["t", "../a.parquet"],
    ["t", ".a.parquet"],
    ["t", "a.txt"],
    ["t", `${"a".repeat(300)}.parquet`],
  ])("refuses the names %j, %j", async (table, name) => {
    const store = await openShardStore(folder);
    const put = store.put(table, name, pieces(new Uint8Array(1)), { sizeBytes: 1, sha256: "" });
    await expect(put).rejects.toMatchObject({ code: "invalid-argument" });
  });

  test("a file that is written over in place has another identity once it is looked at", async () => {
    writeShard(file("t", "a.parquet"), 0, 100);
    const store = await openShardStore(folder);
    const [before] = store.list();
    // In place, and with another time: the folder does not change.
    writeShard(file("t", "a.parquet"), 7, 100);
    utimesSync(file("t", "a.parquet"), 1, 1);
    expect((await openShardStore(folder)).list()[0]!.identity).not.toBe(before!.identity);
  });

  test("giving up", async () => {
    writeShard(file("t", "a.parquet"), 0, 100);
    const store = await openShardStore(folder);
    const [{ path, sizeBytes, rowCount, identity }] = store.list() as [ShardEntry];
    expect(await store.retire("t", "a.parquet", async () => false)).toBe(false);
    expect(await store.retire("t", "a.parquet", async () => true)).toBe(true);
    expect(await store.retire("t", "a.parquet", async () => true)).toBe(false);
    await store.refresh();
    expect(store.list()).toEqual([]);
    // Queries that have begun may read it for a while.
    expect(store.localFile({ path, sizeBytes, rowCount, identity })).toMatchObject({ path: file("t", "a.parquet") });
    expect(existsSync(file("t", "a.parquet"))).toBe(true);
  });
});

describe("manifests", () => {
  const shard = (name: string) => ({ name, sizeBytes: 1, sha256: `of ${name}`, identity: "1-1", rowCount: 3 });
  const manifest = (...names: string[]): TableManifest => ({
    table: "t/ü".replace("/", "_"),
    tableId: "one",
    createdAt: 5,
    copies: 2,
    shards: names.map(shard),
  });
  const namesIn = (manifests: readonly TableManifest[]): string[][] =>
    manifests.map(({ shards }) => shards.map(({ name }) => name));

  test("are merged as sets, and last", async () => {
    const store = await openShardStore(folder);
    expect(await store.mergeManifests([manifest("b")])).toBe(true);
    const { version } = store.listing();
    expect(await store.mergeManifests([manifest("b"), manifest()])).toBe(false);
    expect(store.listing().version).toBe(version);
    expect(await store.mergeManifests([manifest("c", "a")])).toBe(true);
    expect(namesIn(store.listing().manifests)).toEqual([["a", "b", "c"]]);
    expect(namesIn((await openShardStore(folder)).listing().manifests)).toEqual([["a", "b", "c"]]);
  });

  test("of a later table replace those of an earlier one, in whatever order they come", async () => {
    const later: TableManifest = { ...manifest("x"), tableId: "two", createdAt: 6 };
    const one = await openShardStore(file("one"));
    const two = await openShardStore(file("two"));
    for (const each of [manifest("a"), later, manifest("b")]) await one.mergeManifests([each]);
    for (const each of [later, manifest("a"), manifest("b")]) await two.mergeManifests([each]);
    expect(namesIn(one.listing().manifests)).toEqual([["x"]]);
    expect(two.listing().version).toBe(one.listing().version);
  });

  test("of one name with two contents end alike on all nodes", async () => {
    const other = { ...manifest(), shards: [{ ...shard("a"), sha256: "else" }] };
    const one = await openShardStore(file("one"));
    const two = await openShardStore(file("two"));
    await one.mergeManifests([manifest("a"), other]);
    await two.mergeManifests([other, manifest("a")]);
    expect(two.listing().manifests).toEqual(one.listing().manifests);
  });

  test("that are damaged stop the node: it would not know what it lacks", async () => {
    const store = await openShardStore(folder);
    await store.mergeManifests([manifest("a")]);
    const [name] = readdirSync(file(".headcut", "manifests"));
    appendFileSync(file(".headcut", "manifests", name!), "x");
    await expect(openShardStore(folder)).rejects.toMatchObject({ code: "corrupt-file" });
  });

  test("that were cut off while they were written are removed", async () => {
    mkdirSync(file(".headcut", "manifests"), { recursive: true });
    writeFileSync(file(".headcut", "manifests", "t.json.1.partial"), "{");
    expect((await openShardStore(folder)).listing().manifests).toEqual([]);
    expect(readdirSync(file(".headcut", "manifests"))).toEqual([]);
  });
});
