import { beforeEach, describe, expect, it } from "vitest";
import { createHeap } from "../../src/memory/heap.ts";
import { createHostArena } from "../../src/memory/host-arena.ts";
import { runtimeFilter } from "../../src/pipelines/runtime-filter.ts";
import { createAdaptiveFilter } from "../../src/run/runtime-filter.ts";

const heap = createHeap(64 << 20);
const { memory, kernels } = heap;
const blocks = createHostArena(heap, "the test");
const KIND = { inRange: 0, bitmap: 1 };
const ALL = 2n ** 64n - 1n;
const MIN = -(2n ** 63n);

let block: number;
beforeEach(() => {
  block = blocks.allocate(runtimeFilter.bytes);
  memory.bytes.fill(0, block, block + runtimeFilter.bytes);
});

const fill = (kind: number, min: bigint, range: bigint): void => {
  memory.view.setUint32(block + runtimeFilter.kind, kind, true);
  memory.view.setBigInt64(block + runtimeFilter.min, min, true);
  memory.view.setBigUint64(block + runtimeFilter.range, range, true);
};

/** A bitmap of these keys, the first and last of which bound it. */
const fillBitmap = (keys: readonly bigint[]): void => {
  const [min, max] = [keys[0]!, keys.at(-1)!];
  const bytes = Number((max - min) >> 3n) + 9;
  const bits = blocks.allocate(bytes + 8);
  memory.bytes.fill(0, bits, bits + bytes + 8);
  for (const key of keys) {
    const bit = Number(key - min);
    memory.bytes[bits + (bit >> 3)]! |= 1 << (bit & 7);
  }
  fill(KIND.bitmap, min, max - min);
  memory.view.setUint32(block + runtimeFilter.bits, bits, true);
};

const open = () => createAdaptiveFilter(memory, kernels.runtimeFilterMayPass, block, 0);
const mayPass = (min: bigint, max: bigint): boolean => open().begin({ min, max });

describe("what statistics rule out", () => {
  it("ranges apart from the keys' range", () => {
    fill(KIND.inRange, -10n, 30n);
    const ranges: [bigint, bigint][] = [
      [-20n, -11n],
      [-20n, -10n],
      [0n, 1n],
      [20n, 99n],
      [21n, 99n],
      [MIN, 2n ** 63n - 1n],
    ];
    expect(ranges.map(([low, high]) => mayPass(low, high))).toEqual([false, true, true, true, false, true]);
  });

  it("ranges between the keys of a bitmap, at every position in its words", () => {
    const keys = [-70n, -64n, -1n, 0n, 63n, 64n, 200n, 513n];
    fillBitmap(keys);
    for (let low = -75n; low < 520n; low += 3n) {
      for (const width of [0n, 1n, 17n, 64n, 130n]) {
        const expected = keys.some((key) => key >= low && key <= low + width);
        expect(`${low} ${width} ${mayPass(low, low + width)}`).toBe(`${low} ${width} ${expected}`);
      }
    }
  });

  it("the whole 64-bit range wraps around nowhere", () => {
    fill(KIND.inRange, MIN, ALL - 1n);
    expect(mayPass(MIN, MIN)).toBe(true);
    expect(mayPass(2n ** 63n - 1n, 2n ** 63n - 1n)).toBe(false);
  });

  it("counts what was left out", () => {
    fill(KIND.inRange, 5n, 0n);
    const filter = open();
    expect([filter.begin({ min: 6n, max: 7n }), filter.begin({ min: 5n, max: 5n }), filter.begin(undefined)]).toEqual([
      false,
      true,
      true,
    ]);
    expect(filter.metrics.rowGroupsPruned).toBe(1);
  });
});

describe("whether it is worth while", () => {
  it("is switched off while most rows pass, and tried again later", () => {
    fill(KIND.inRange, 0n, 100n);
    const filter = open();
    filter.begin(undefined);
    filter.observe(4096, 4000);
    expect(filter.isOn()).toBe(true);
    filter.observe(16_384, 16_000);
    expect(filter.isOn()).toBe(false);
    const states = Array.from({ length: 9 }, () => {
      filter.begin(undefined);
      return filter.isOn();
    });
    expect(states.indexOf(true)).toBe(7);
    expect(filter.metrics).toMatchObject({ rows: 20_480, passed: 20_000 });
  });

  it("stays on while it drops rows, and is never asked when it knows nothing", () => {
    fill(KIND.inRange, 0n, 100n);
    const filter = open();
    for (let i = 0; i < 10; i++) filter.observe(16_384, 12_000);
    expect(filter.isOn()).toBe(true);
    fill(KIND.inRange, 0n, ALL);
    expect(open().isOn()).toBe(false);
  });
});
