// What may take long looks at the query's flag, or lets the event loop turn, so that a query can be stopped.
import { describe, expect, it } from "vitest";
import { arenaBlock, queryBlock } from "../../src/layout/context.ts";
import { createHeap } from "../../src/memory/heap.ts";
import { createBatchQueue } from "../../src/results/batch-queue.ts";
import type { EncodedBatch } from "../../src/results/encoded-batch.ts";

describe("cancelling", () => {
  it("stops the joining of strings", () => {
    const { memory, kernels } = createHeap(8 << 20);
    const joinStrings = (
      kernels as unknown as { joinStrings(...args: [number, number, number, bigint, number]): bigint }
    ).joinStrings;
    const block = kernels.slabAllocate(0, 4096) >>> 0;
    memory.bytes.fill(0, block, block + 4096);
    memory.u64[(block + queryBlock.limitBytes) >>> 3] = 4n << 20n;
    const arena = block + queryBlock.bytes;
    kernels.arenaInitialize(arena, block);
    // Two entries whose rows hold one reference each, to the three bytes at `text`.
    const [text, rows, entries] = [arena + arenaBlock.bytes, block + 256, block + 512];
    memory.bytes.set([97, 98, 99], text);
    const reference = (3n << 32n) | BigInt(text);
    for (const i of [0, 1]) {
      memory.u64[(rows + 8 * i) >>> 3] = reference;
      memory.u32[(entries + 16 * i + 8) >>> 2] = rows + 8 * i;
    }
    const join = (): bigint => BigInt.asUintN(64, joinStrings(entries, 2, 0, 0n, arena));
    const joined = join();
    expect(joined >> 32n).toBe(6n);
    const address = Number(joined & 0xffffffffn);
    expect(String.fromCharCode(...memory.bytes.subarray(address, address + 6))).toBe("abcabc");
    memory.u32[(block + queryBlock.cancel) >>> 2] = 1;
    expect(join()).toBe(0n);
  });

  it("is heard by who reads many batches that are there already", async () => {
    const queue = createBatchQueue(() => undefined);
    const batch: EncodedBatch = { rowCount: 0, columns: [] };
    for (let i = 0; i < 100; i++) queue.push(batch);
    queue.end();
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    let read = 0;
    for (let next = await queue.next(); next !== undefined; next = await queue.next()) {
      read++;
      const until = performance.now() + 2;
      while (performance.now() < until);
    }
    clearInterval(timer);
    expect(read).toBe(100);
    expect(turns).toBeGreaterThan(3);
  });
});
