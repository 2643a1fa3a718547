import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { type DiskCache, openDiskCache } from "../../src/io/disk-cache/disk-cache.ts";
import { randomBytes } from "./memory-store.ts";

const root = mkdtempSync(join(tmpdir(), "headcut-cache-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const BLOCK = 10_000;
const HEADER = 32;
let directory: string;
let number = 0;
beforeEach(() => {
  directory = join(root, String(number++));
});

const block = (seed: number): Uint8Array => randomBytes(BLOCK, seed + 1);
const fill = async (cache: DiskCache, from: number, to: number): Promise<void> => {
  for (let i = from; i < to; i++) {
    cache.put("o", i, block(i));
    await settled(cache);
  }
};
/** Once what was put is written: the cache may be used on. */
const settled = (cache: DiskCache): Promise<void> => cache.close();
const has = async (cache: DiskCache, blocks: readonly number[]): Promise<number[]> => {
  const found: number[] = [];
  for (const i of blocks) {
    const bytes = await cache.get("o", i);
    if (bytes === undefined) continue;
    expect(Buffer.compare(bytes, block(i))).toBe(0);
    found.push(i);
  }
  return found;
};
const files = (): string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

describe("a disk cache", () => {
  it("gives back what was put, block by block, object by object", async () => {
    const cache = await openDiskCache(directory, 1e6);
    await fill(cache, 0, 3);
    cache.put("other", 0, block(100));
    cache.put("o", 7, new Uint8Array());
    await settled(cache);
    expect(await has(cache, upTo(5))).toEqual([0, 1, 2]);
    expect(Buffer.compare((await cache.get("other", 0))!, block(100))).toBe(0);
    expect(await cache.get("other", 1)).toBeUndefined();
    expect((await cache.get("o", 7))?.length).toBe(0);
    expect(cache.statistics()).toMatchObject({
      blocks: 5,
      bytes: 4 * BLOCK + 5 * HEADER,
      hits: 5,
      misses: 3,
      damaged: 0,
    });
  });

  it("survives its process", async () => {
    await fill(await openDiskCache(directory, 1e6), 0, 4);
    const again = await openDiskCache(directory, 1e6);
    expect(again.statistics()).toMatchObject({ blocks: 4 });
    expect(await has(again, upTo(4))).toEqual([0, 1, 2, 3]);
  });

  it("drops the longest unused when it is full, also what earlier processes left", async () => {
    const cache = await openDiskCache(directory, 4 * (BLOCK + HEADER));
    await fill(cache, 0, 4);
    await has(cache, [0]);
    await fill(cache, 4, 6);
    expect(await has(cache, upTo(6))).toEqual([0, 3, 4, 5]);
    // Times of use are kept by the minute: make one older.
    const [oldest] = files();
    const past = new Date(Date.now() - 3_600_000);
    utimesSync(oldest!, past, past);
    const smaller = await openDiskCache(directory, 3 * (BLOCK + HEADER));
    await settled(smaller);
    expect(files()).toHaveLength(3);
    expect(files()).not.toContain(oldest);
  });

  it("takes damaged files for missing, and removes them", async () => {
    const cache = await openDiskCache(directory, 1e6);
    await fill(cache, 0, 6);
    const damages: readonly ((bytes: Buffer) => Buffer)[] = [
      (bytes) => bytes.subarray(0, bytes.length - 1),
      () => Buffer.alloc(0),
      (bytes) => bytes.subarray(0, 20),
      (bytes) => Buffer.concat([bytes, Buffer.alloc(1)]),
      (bytes) => {
        bytes[5000]! ^= 4;
        return bytes;
      },
      (bytes) => {
        bytes[17]! ^= 1;
        return bytes;
      },
    ];
    files().forEach((path, i) => {
      writeFileSync(path, damages[i]!(readFileSync(path)));
    });
    expect(await has(cache, upTo(6))).toEqual([]);
    expect(cache.statistics()).toMatchObject({ blocks: 0, bytes: 0, damaged: 6 });
    expect(files()).toEqual([]);
    await fill(cache, 0, 6);
    expect(await has(cache, upTo(6))).toEqual(upTo(6));
  });

  it("does not believe a file at another's place", async () => {
    const cache = await openDiskCache(directory, 1e6);
    await fill(cache, 0, 2);
    const [a, b] = files();
    const bytes = readFileSync(a!);
    writeFileSync(a!, readFileSync(b!));
    writeFileSync(b!, bytes);
    expect(await has(cache, [0, 1])).toEqual([]);
  });

  it("is shared: files that others remove or add are misses and hits", async () => {
    const [a, b] = [await openDiskCache(directory, 1e6), await openDiskCache(directory, 1e6)];
    await fill(a, 0, 3);
    expect(await has(b, upTo(3))).toEqual([0, 1, 2]);
    for (const path of files()) rmSync(path);
    expect(await has(a, upTo(3))).toEqual([]);
    await fill(a, 0, 1);
    expect(await has(b, upTo(3))).toEqual([0]);
  });

  it("shared by several stays near its bound, and right", async () => {
    const bound = 20 * (BLOCK + HEADER);
    const caches = await Promise.all(upTo(3).map(() => openDiskCache(directory, bound)));
    await Promise.all(
      caches.map(async (cache, k) => {
        for (let i = 0; i < 60; i++) {
          cache.put("o", (i * 7 + k * 13) % 50, block((i * 7 + k * 13) % 50));
          if (i % 5 === 0) await settled(cache);
          await has(cache, [(i * 3) % 50]);
        }
        await settled(cache);
      }),
    );
    const bytes = files().reduce((sum, path) => sum + statSync(path).size, 0);
    expect(bytes).toBeLessThanOrEqual(bound * (1 + 3 / 16) + 3 * (BLOCK + HEADER));
    expect(files().some((path) => path.endsWith(".tmp"))).toBe(false);
  });

  it("clears away what a process that died left half written, but not what is being written", async () => {
    const shard = join(directory, "blocks-1", "ab");
    mkdirSync(shard, { recursive: true });
    const [old, young] = [join(shard, "abc.1-0.tmp"), join(shard, "abc.2-0.tmp")];
    for (const path of [old, young]) writeFileSync(path, "half");
    const past = new Date(Date.now() - 3_600_000);
    utimesSync(old, past, past);
    const cache = await openDiskCache(directory, 1e6);
    expect(files()).toEqual([young]);
    expect(cache.statistics().blocks).toBe(0);
  });

  it("that cannot be written is empty, and harms nobody", async () => {
    const cache = await openDiskCache(directory, 1e6);
    rmSync(directory, { recursive: true });
    writeFileSync(directory, "in the way");
    cache.put("o", 0, block(0));
    await settled(cache);
    expect(await has(cache, [0])).toEqual([]);
    expect(cache.statistics().blocks).toBe(0);
  });

  it("that cannot be made says why", async () => {
    writeFileSync(directory, "in the way");
    await expect(openDiskCache(join(directory, "cache"), 1e6)).rejects.toMatchObject({
      code: "io",
      message: expect.stringContaining("cannot use the cache directory"),
    });
  });
});
