import { describe, expect, it } from "vitest";
import { queryBlock } from "../../src/layout/context.ts";
import { createHeap, type Heap } from "../../src/memory/heap.ts";

const PAGE = 65536;

interface TrimKernels {
  slabTrim(query: number, slab: number, bytes: number): number;
  slabFreeTrimmed(query: number, slab: number, bytes: number): void;
}
const kernelsOf = ({ kernels }: Heap) => kernels as typeof kernels & TrimKernels;

describe("a trimmed slab", () => {
  it("keeps its first pages, of any number, and gives the others back", () => {
    const heap = createHeap(64 << 20);
    const kernels = kernelsOf(heap);
    const account = kernels.slabAllocate(0, PAGE) >>> 0;
    heap.memory.bytes.fill(0, account, account + queryBlock.bytes);
    heap.memory.u64[(account + queryBlock.limitBytes) >>> 3] = BigInt(64 << 20);
    const used = (): number => Number(heap.memory.u64[(account + queryBlock.usedBytes) >>> 3]!);
    const free = kernels.heapFreeBytes();
    for (let pages = 1; pages <= 64; pages++) {
      const slab = kernels.slabAllocate(account, 64 * PAGE) >>> 0;
      const kept = kernels.slabTrim(account, slab, pages * PAGE - 1) >>> 0;
      expect(kept).toBe(pages * PAGE);
      expect(used()).toBe(kept);
      expect(kernels.heapFreeBytes()).toBe(free - BigInt(kept));
      // What was given back can be had again, and is not part of what was kept.
      const others = Array.from({ length: 64 - pages }, () => kernels.slabAllocate(0, PAGE) >>> 0);
      for (const other of others) {
        expect(other < slab || other >= slab + kept).toBe(true);
        kernels.slabFree(0, other);
      }
      if (pages % 2 === 0) kernels.slabFreeTrimmed(account, slab, kept);
      else kernels.slabFreeAll(account);
      expect(used()).toBe(0);
      expect(kernels.heapFreeBytes()).toBe(free);
    }
    // All has grown together again.
    const whole = kernels.slabAllocate(0, 32 << 20) >>> 0;
    expect(whole).not.toBe(0);
  });
});
