import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { arenaBlock, queryBlock } from "../layout/context.ts";
import { createHeap, type Heap } from "./heap.ts";
import { MAX_MEMORY_BYTES } from "./shared-memory.ts";

const MIB = 1 << 20;
let heap: Heap;
let free: bigint;

beforeEach(() => {
  heap = createHeap(64 * MIB);
  free = heap.kernels.heapFreeBytes();
});

const newQuery = (limitBytes: number): number => {
  const query = heap.kernels.slabAllocate(0, queryBlock.bytes) >>> 0;
  heap.memory.bytes.fill(0, query, query + queryBlock.bytes);
  heap.memory.view.setBigUint64(query + queryBlock.limitBytes, BigInt(limitBytes), true);
  return query;
};
const used = (query: number) => Number(heap.memory.view.getBigUint64(query + queryBlock.usedBytes, true));
const peak = (query: number) => Number(heap.memory.view.getBigUint64(query + queryBlock.peakBytes, true));

describe("slabs", () => {
  it("never overlap, stay inside the memory, and all coalesce back, whatever the order of calls", () => {
    const step = fc.oneof(
      fc.record({ allocate: fc.oneof(fc.integer({ min: 0, max: 300_000 }), fc.integer({ min: 0, max: 20 * MIB })) }),
      fc.record({ free: fc.nat() }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const { kernels, memory } = heap;
        const live: { start: number; end: number }[] = [];
        for (const one of steps) {
          if ("free" in one) {
            if (live.length > 0) kernels.slabFree(0, live.splice(one.free % live.length, 1)[0]!.start);
            continue;
          }
          const start = kernels.slabAllocate(0, one.allocate) >>> 0;
          if (start === 0) continue;
          const end = start + (kernels.slabBytes(one.allocate) >>> 0);
          expect(end - start).toBeGreaterThanOrEqual(one.allocate);
          expect(start).toBeGreaterThanOrEqual(MIB);
          expect(end).toBeLessThanOrEqual(memory.bytes.length);
          for (const other of live) expect(end <= other.start || start >= other.end).toBe(true);
          memory.bytes.fill(0xab, start, start + 64);
          live.push({ start, end });
        }
        const taken = live.reduce((sum, { start, end }) => sum + end - start, 0);
        expect(kernels.heapFreeBytes()).toBe(free - BigInt(taken));
        for (const { start } of live) kernels.slabFree(0, start);
        expect(kernels.heapFreeBytes()).toBe(free);
      }),
      { numRuns: 300 },
    );
    // One block again: what was whole at the start can be allocated whole.
    expect(heap.kernels.slabAllocate(0, 32 * MIB)).not.toBe(0);
  });

  it("use again what was used before, from low addresses, instead of touching fresh memory", () => {
    const { kernels } = createHeap(MAX_MEMORY_BYTES);
    const round = (): number[] => {
      const slabs = [1, 300_000, 5 * MIB, 70_000, 1, 40 * MIB].map((bytes) => kernels.slabAllocate(0, bytes) >>> 0);
      for (const slab of slabs) kernels.slabFree(0, slab);
      return slabs.sort((a, b) => a - b);
    };
    const first = round();
    for (let i = 0; i < 5; i++) expect(round()).toEqual(first);
    expect(kernels.slabAllocate(0, 64 * MIB) >>> 0).toBe(64 * MIB);
    expect(kernels.slabAllocate(0, 512 * MIB) >>> 0).toBe(512 * MIB);
  });

  it("reach the last page of the largest memory, and refuse what no memory has", () => {
    const { kernels, memory } = createHeap();
    const start = kernels.heapFreeBytes();
    expect(Number(start)).toBe(memory.bytes.length - MIB);
    expect(kernels.slabAllocate(0, 0x80000001)).toBe(0);
    expect(kernels.slabAllocate(0, 0xffffffff)).toBe(0);
    const slabs: number[] = [];
    for (let bytes = 1024 * MIB; bytes >= 65536; bytes /= 2) {
      for (;;) {
        const slab = kernels.slabAllocate(0, bytes) >>> 0;
        if (slab === 0) break;
        slabs.push(slab);
      }
    }
    expect(kernels.heapFreeBytes()).toBe(0n);
    expect(Math.max(...slabs) + 65536).toBe(memory.bytes.length);
    for (const slab of slabs) kernels.slabFree(0, slab);
    expect(kernels.heapFreeBytes()).toBe(start);
  });

  it("trap when freed twice or never allocated, and the allocator survives it", () => {
    const { kernels } = heap;
    const slab = kernels.slabAllocate(0, 100) >>> 0;
    expect(() => kernels.slabFree(0, slab + 65536)).toThrow(WebAssembly.RuntimeError);
    expect(() => kernels.slabFree(0, slab + 8)).toThrow(WebAssembly.RuntimeError);
    kernels.slabFree(0, slab);
    expect(() => kernels.slabFree(0, slab)).toThrow(WebAssembly.RuntimeError);
    expect(kernels.heapFreeBytes()).toBe(free);
  });

  it("are charged to their query, whose limit holds and whose peak is remembered", () => {
    const query = newQuery(MIB);
    const { kernels } = heap;
    const a = kernels.slabAllocate(query, 512 * 1024) >>> 0;
    const b = kernels.slabAllocate(query, 512 * 1024) >>> 0;
    expect(used(query)).toBe(MIB);
    expect(kernels.slabAllocate(query, 1)).toBe(0);
    kernels.slabFree(query, a);
    expect(used(query)).toBe(512 * 1024);
    expect(kernels.slabAllocate(query, 600 * 1024)).toBe(0);
    kernels.slabFree(query, b);
    expect([used(query), peak(query)]).toEqual([0, MIB]);
  });

  it("are all given back with their query, and no one else's", () => {
    const [mine, other] = [newQuery(64 * MIB), newQuery(64 * MIB)];
    const { kernels } = heap;
    const before = kernels.heapFreeBytes();
    for (const bytes of [1, 3 * MIB, 70_000, 8 * MIB, 65536]) {
      expect(kernels.slabAllocate(mine, bytes)).not.toBe(0);
      expect(kernels.slabAllocate(other, bytes)).not.toBe(0);
    }
    const theirs = used(other);
    kernels.slabFreeAll(mine);
    expect([used(mine), used(other)]).toEqual([0, theirs]);
    expect(kernels.heapFreeBytes()).toBe(before - BigInt(theirs));
    kernels.slabFreeAll(mine);
    kernels.slabFreeAll(other);
    expect(kernels.heapFreeBytes()).toBe(before);
  });

  it("take no more than 64 KiB beyond what was asked for when trimmed, and are given back piece by piece", () => {
    const query = newQuery(64 * MIB);
    const { kernels } = heap;
    const before = kernels.heapFreeBytes();
    const sizes = [1, 65536, 65537, 3 * 65536, 5 * MIB + 1, 7 * 65536 - 5, 16 * MIB];
    const rounded = sizes.map((bytes) => Math.ceil(bytes / 65536) * 65536);
    const slabs = sizes.map((bytes) => kernels.slabAllocateTrimmed(query, bytes) >>> 0);
    const total = rounded.reduce((sum, bytes) => sum + bytes, 0);
    expect(used(query)).toBe(total);
    expect(kernels.heapFreeBytes()).toBe(before - BigInt(total));
    const ranges = slabs.map((start, i) => [start, start + rounded[i]!] as const).sort(([a], [b]) => a - b);
    for (let i = 1; i < ranges.length; i++) expect(ranges[i]![0]).toBeGreaterThanOrEqual(ranges[i - 1]![1]);
    slabs.slice(0, 4).forEach((slab, i) => {
      kernels.slabFreeTrimmed(query, slab, rounded[i]!);
    });
    kernels.slabFreeAll(query);
    expect(used(query)).toBe(0);
    expect(kernels.heapFreeBytes()).toBe(before);
    expect(kernels.slabAllocateTrimmed(newQuery(MIB), MIB + 1)).toBe(0);
  });

  it("leave the query's account as it was when the memory itself is exhausted", () => {
    const query = newQuery(1024 * MIB);
    expect(heap.kernels.slabAllocate(query, 512 * MIB)).toBe(0);
    expect(used(query)).toBe(0);
  });
});

describe("arenas", () => {
  const newArena = (query: number): number => {
    const arena = heap.kernels.slabAllocate(0, arenaBlock.bytes) >>> 0;
    heap.kernels.arenaInitialize(arena, query);
    return arena;
  };

  it("hand out disjoint, 8-aligned pieces of any size and give everything back", () => {
    const query = newQuery(64 * MIB);
    const start = heap.kernels.heapFreeBytes();
    const arena = newArena(query);
    const sizes = fc.array(fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 200_000 })), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(sizes, fc.boolean(), (all, reset) => {
        const pieces: { start: number; end: number }[] = [];
        for (const size of all) {
          const address = heap.kernels.arenaAllocate(arena, size) >>> 0;
          expect(address).not.toBe(0);
          expect(address % 8).toBe(0);
          if (size > 0) pieces.push({ start: address, end: address + size });
        }
        pieces.sort((a, b) => a.start - b.start);
        for (let i = 1; i < pieces.length; i++) expect(pieces[i]!.start).toBeGreaterThanOrEqual(pieces[i - 1]!.end);
        if (reset) heap.kernels.arenaReset(arena);
        else heap.kernels.arenaFree(arena);
      }),
      { numRuns: 100 },
    );
    heap.kernels.arenaFree(arena);
    heap.kernels.slabFree(0, arena);
    expect(heap.kernels.heapFreeBytes()).toBe(start);
    expect(used(query)).toBe(0);
  });

  it("say 0 at the limit and keep what they have", () => {
    const query = newQuery(100 * 1024);
    const arena = newArena(query);
    const first = heap.kernels.arenaAllocate(arena, 60_000) >>> 0;
    heap.memory.bytes[first] = 7;
    expect(heap.kernels.arenaAllocate(arena, 60_000)).toBe(0);
    expect(heap.kernels.arenaAllocate(arena, 0xfffffffc)).toBe(0);
    expect(heap.kernels.arenaAllocate(arena, 0x7fffffff)).toBe(0);
    expect(heap.kernels.arenaAllocate(arena, 16)).not.toBe(0);
    expect(heap.memory.bytes[first]).toBe(7);
    heap.kernels.arenaFree(arena);
    expect(used(query)).toBe(0);
  });
});
