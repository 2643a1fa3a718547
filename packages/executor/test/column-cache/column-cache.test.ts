import { deepStrictEqual } from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { cacheAccess } from "../../src/column-cache/cache-access.ts";
import { type ColumnCache, createColumnCache } from "../../src/column-cache/column-cache.ts";
import { createHeap, type Heap } from "../../src/memory/heap.ts";
import { duckdb } from "../parquet/peers.ts";
import { type ReadOptions, type ReadResult, readBack } from "../parquet/read-back.ts";

const MIB = 1 << 20;
const folder = mkdtempSync(join(tmpdir(), "headcut-cache-"));
const file = (name: string): string => join(folder, `${name}.parquet`);
const write = async (name: string, sql: string, options = ""): Promise<string> => {
  await (await duckdb()).run(`COPY (${sql}) TO '${file(name)}' (FORMAT parquet ${options})`);
  return file(name);
};
/** 5 row groups; every form in which the cache keeps columns. */
const SQL = `SELECT i::INTEGER AS i, (i * 7)::BIGINT AS small, (i * 1000000007)::BIGINT AS large,
  'some text that is different in every row: ' || i AS text, 'one of few ' || i % 7 AS few,
  CASE WHEN i % 3 = 0 THEN NULL ELSE i % 1000 END AS medium, CASE WHEN i % 2 = 0 THEN i * 0.5 END AS half,
  i::DECIMAL(30, 2) AS wide, i % 5 = 0 AS flag FROM range(100000) t(i)`;
const ROW_GROUPS = 5;
/** As DuckDB writes them when asked for 20,000. */
const ROW_GROUP_ROWS = 20_480;
const COLUMNS = 9;

let path: string;
beforeAll(async () => {
  path = await write("forms", SQL, ", ROW_GROUP_SIZE 20000");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let heap: Heap;
let free: bigint;
let cache: ColumnCache;
const open = (limitBytes: number, memoryBytes = 256 * MIB): void => {
  heap = createHeap(memoryBytes);
  free = heap.kernels.heapFreeBytes();
  cache = createColumnCache(heap, limitBytes);
};
beforeEach(() => open(64 * MIB));
afterEach(() => {
  cache.close();
  expect(heap.kernels.heapFreeBytes()).toBe(free);
});
const read = (options: ReadOptions = {}, from = path): Promise<ReadResult> =>
  readBack(from, { heap, cache, ...options });

describe("the column cache", () => {
  it("gives the same rows without reading the file", async () => {
    const plain = await readBack(path, { heap });
    const first = await read();
    expect(first.columns).toEqual(plain.columns);
    expect(first.counters).toMatchObject({ cacheHits: 0, cacheMisses: ROW_GROUPS * COLUMNS });
    const second = await read();
    expect(second.columns).toEqual(plain.columns);
    expect(second.counters).toMatchObject({
      cacheHits: ROW_GROUPS * COLUMNS,
      cacheMisses: 0,
      bytesRead: 0,
      pagesRead: 0,
    });
    expect(cache.statistics()).toMatchObject({ entries: ROW_GROUPS * COLUMNS, evictions: 0 });
  });

  it("keeps columns in few bytes", async () => {
    const bytesOf = async (column: string): Promise<number> => {
      cache.clear();
      expect(cache.statistics()).toMatchObject({ bytes: 0, entries: 0 });
      await read({ columns: [column] });
      return cache.statistics().bytes / ROW_GROUPS;
    };
    const pages = (bytes: number): number => Math.ceil(bytes / 65536) * 65536;
    expect(await bytesOf("few")).toBe(pages(ROW_GROUP_ROWS + 7 * 30));
    expect(await bytesOf("small")).toBe(pages(ROW_GROUP_ROWS * 5 + 256));
    expect(await bytesOf("large")).toBe(pages(ROW_GROUP_ROWS * 9 + 256));
  });

  it("holds row groups of which a query needs some rows, and others can be read beside them", async () => {
    const plain = await readBack(path, { heap });
    await read({ columns: ["i", "few"], ranges: [{ start: 100, end: 15_000 }] });
    const both = await read({ columns: ["few", "text", "i"], ranges: [{ start: 4321, end: 4322 }] });
    expect(both.counters).toMatchObject({ cacheHits: 2 * ROW_GROUPS, cacheMisses: ROW_GROUPS });
    expect(both.columns[1]).toEqual([0, 1, 2, 3, 4].map((group) => plain.columns[3]![group * ROW_GROUP_ROWS + 4321]));
    // One row was not worth decoding the whole chunk of text.
    expect(cache.statistics().entries).toBe(2 * ROW_GROUPS);
  });

  it("filters dictionaries and packed codes", async () => {
    const { view } = heap.memory;
    const few = {
      columns: [0],
      mayFail: false,
      run: (batch: number, selection: number, count: number, out: number): number => {
        const [values, valid, codes, dictionary] = [0, 4, 8, 12].map((offset) => view.getUint32(batch + offset, true));
        let passed = 0;
        for (let i = 0; i < count; i++) {
          const row = selection === 0 ? i : view.getUint32(selection + 4 * i, true);
          if (valid !== 0 && view.getUint8(valid! + row) === 0) continue;
          const at = codes === 0 ? values! + 8 * row : dictionary! + 8 * view.getUint32(codes! + 4 * row, true);
          if (view.getBigInt64(at, true) === 7n) view.setUint32(out + 4 * passed++, row, true);
        }
        return passed;
      },
    };
    const options = { columns: ["medium", "i", "small"], filters: [few] };
    const plain = await readBack(path, { heap, ...options });
    expect(plain.rowCount).toBeGreaterThan(30);
    for (let i = 0; i < 3; i++) expect((await read(options)).columns).toEqual(plain.columns);
    expect((await read(options)).counters).toMatchObject({ bytesRead: 0, cacheMisses: 0 });
  });

  it("forgets a file that was replaced", async () => {
    const from = await write("replaced", "SELECT i FROM range(1000) t(i)");
    await read({}, from);
    expect((await read({}, from)).counters.cacheHits).toBe(1);
    await write("replaced", "SELECT i + 5 AS i FROM range(1000) t(i)");
    const changed = await read({}, from);
    expect(changed.counters).toMatchObject({ cacheHits: 0, cacheMisses: 1 });
    expect(changed.columns[0]!.slice(0, 2)).toEqual([5n, 6n]);
    expect((await read({}, from)).columns).toEqual(changed.columns);
    expect(cache.statistics().entries).toBe(1);
  });

  it("stays within its bound, and keeps a part of what does not fit instead of turning all over", async () => {
    open(2 * MIB);
    const plain = await readBack(path, { heap });
    for (let i = 0; i < 6; i++) {
      deepStrictEqual((await read()).columns, plain.columns);
      expect(cache.statistics().bytes).toBeLessThanOrEqual(2 * MIB);
    }
    const { cacheHits, cacheMisses } = (await read()).counters;
    expect(cacheHits).toBeGreaterThan(3);
    expect(cacheMisses).toBeGreaterThan(3);
    expect(cache.statistics().evictions).toBe(0);
  });

  it("makes room for what is used more often", async () => {
    open(MIB);
    await read({ columns: ["small"] });
    const { bytes } = cache.statistics();
    expect(bytes).toBe(ROW_GROUPS * 2 * 65536);
    for (let i = 0; i < 3; i++) await read({ columns: ["large", "few"] });
    const { counters } = await read({ columns: ["large", "few"] });
    expect(counters.cacheMisses).toBeLessThan(ROW_GROUPS);
    expect(cache.statistics().evictions).toBeGreaterThan(0);
    // What was hot becomes cold: in time, others take its place.
    for (let i = 0; i < 40; i++) await read({ columns: ["i"] });
    expect((await read({ columns: ["i"] })).counters.cacheMisses).toBe(0);
  });

  it("has no room for what is too large, and none at all when it is tiny", async () => {
    for (const limit of [1, 65536, 300_000]) {
      open(limit);
      const plain = await readBack(path, { heap });
      for (let i = 0; i < 3; i++) deepStrictEqual((await read()).columns, plain.columns);
      expect(cache.statistics().bytes).toBeLessThanOrEqual(limit);
      cache.close();
    }
  });

  it("gives its memory to queries that need it", async () => {
    open(24 * MIB, 32 * MIB);
    await read();
    await read();
    const { entries } = cache.statistics();
    const slabs: number[] = [];
    for (;;) {
      const slab = heap.kernels.slabAllocate(0, MIB) >>> 0;
      if (slab === 0) break;
      slabs.push(slab);
    }
    expect(slabs.length).toBeGreaterThanOrEqual(28);
    expect(cache.statistics()).toMatchObject({ entries: 0, bytes: 0, evictions: entries });
    for (const slab of slabs) heap.kernels.slabFree(0, slab);
    expect((await read()).columns).toEqual((await readBack(path, { heap })).columns);
  });

  it("takes nothing from queries when it builds", async () => {
    open(64 * MIB, 80 * MIB);
    await read({ columns: ["i"] });
    // The memory is full but for what reading takes.
    const slabs: number[] = [];
    for (let left = Number(heap.kernels.heapFreeBytes()); left > 6 * MIB; left = Number(heap.kernels.heapFreeBytes()))
      slabs.push(heap.kernels.slabAllocate(0, MIB / 4) >>> 0);
    const plain = await readBack(path, { heap });
    deepStrictEqual((await read()).columns, plain.columns);
    for (const slab of slabs) heap.kernels.slabFree(0, slab);
  });

  it("knows at most as many chunks as it has slots, and the others are read as ever", async () => {
    open(64 * 1024);
    const wide = Array.from({ length: 100 }, (_, i) => `i + ${i} AS c${i}`).join(", ");
    const from = await write("wide", `SELECT ${wide} FROM range(50) t(i)`);
    const plain = await readBack(from, { heap });
    for (let i = 0; i < 4; i++) expect((await read({}, from)).columns).toEqual(plain.columns);
  });

  it("leaves it to the query to fail on a page that is broken, or not to", async () => {
    const from = await write("broken", "SELECT i, 'text ' || i * 77 AS s FROM range(20000) t(i)");
    const bytes = readFileSync(from);
    // In the middle of the text: the file's first column comes first.
    bytes.fill(0xff, Math.floor(bytes.length * 0.5), Math.floor(bytes.length * 0.5) + 3000);
    writeFileSync(from, bytes);
    const error = (await readBack(from, { heap }).catch((cause: unknown) => cause)) as Error;
    expect(error).toMatchObject({ code: "corrupt-file" });
    for (let i = 0; i < 2; i++) await expect(read({}, from)).rejects.toThrow(error.message);
    expect((await read({ columns: ["i"] }, from)).rowCount).toBe(20_000);
    expect((await read({ columns: ["i"] }, from)).counters.cacheHits).toBe(1);
  });
});

describe("a slot", () => {
  const chunk = { rowGroup: 0, leaf: 0, bytes: 100 };
  const entry = (slab: number, bytes: number) => ({
    slab,
    bytes,
    values: slab,
    valuesWidth: 4,
    valid: 0,
    codes: 0,
    codesWidth: 0,
    dictionary: undefined,
  });
  const kernels = () =>
    heap.kernels as typeof heap.kernels & {
      cacheAllocate(bytes: number, uses: number): number;
      cacheTrim(slab: number, bytes: number): number;
      cacheDrop(slot: number): number;
    };

  it("is built by one, seen when it is done, and freed when nobody reads it", () => {
    const access = cacheAccess(heap);
    const ticket = cache.ticket({ path: "a", identity: "1" }, chunk)!;
    expect(access.pin(ticket)).toBeUndefined();
    expect(access.claim(ticket)).toBe(true);
    expect(access.claim(ticket)).toBe(false);
    expect(access.pin(ticket)).toBeUndefined();
    const slab = kernels().cacheAllocate(100, 1) >>> 0;
    access.publish(ticket, entry(slab, kernels().cacheTrim(slab, 100)));
    expect(access.pin(ticket)).toEqual(entry(slab, 65536));
    cache.clear();
    access.unpin(ticket);
    cache.clear();
    expect(cache.statistics().entries).toBe(1);
    access.unpin(ticket);
    cache.clear();
    expect(cache.statistics()).toMatchObject({ entries: 0, bytes: 0 });
    expect(access.claim(ticket)).toBe(true);
    access.abandon(ticket);
  });

  it("of a file that changed is not found any more, even while its entry is read or built", () => {
    const access = cacheAccess(heap);
    const old = cache.ticket({ path: "a", identity: "1" }, chunk)!;
    expect(access.claim(old)).toBe(true);
    const slab = kernels().cacheAllocate(100, 1) >>> 0;
    access.publish(old, entry(slab, kernels().cacheTrim(slab, 100)));
    const building = cache.ticket({ path: "a", identity: "1" }, { ...chunk, leaf: 1 })!;
    expect(access.claim(building)).toBe(true);

    const changed = cache.ticket({ path: "a", identity: "2" }, chunk)!;
    expect(changed.slot).not.toBe(old.slot);
    expect(access.pin(old)).toBeUndefined();
    expect(access.pin(changed)).toBeUndefined();
    access.unpin(old);
    const late = kernels().cacheAllocate(100, 1) >>> 0;
    access.publish(building, entry(late, kernels().cacheTrim(late, 100)));
    access.unpin(building);
    expect(access.pin(building)).toBeUndefined();
    cache.clear();
    expect(cache.statistics()).toMatchObject({ entries: 0, bytes: 0 });
  });
});
