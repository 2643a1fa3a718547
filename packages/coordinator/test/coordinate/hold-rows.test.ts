import type { EncodedBatch } from "@headcut/executor";
import { expect, test } from "vitest";
import { holdRows } from "../../src/coordinate/hold-rows.ts";

const batch = (rowCount: number): EncodedBatch => ({
  rowCount,
  columns: [{ nullCount: 0, validity: undefined, offsets: undefined, values: new Uint8Array(rowCount) }],
});

const run = (sizes: readonly number[], failure?: Error) => {
  let pulled = 0;
  return {
    pulled: () => pulled,
    encodedBatches: async function* () {
      for (const size of sizes) {
        pulled++;
        yield batch(size);
      }
      if (failure !== undefined) throw failure;
    },
  };
};

const rest = async (next: () => Promise<EncodedBatch | undefined>): Promise<number[]> => {
  const found: number[] = [];
  for (let value = await next(); value !== undefined; value = await next()) found.push(value.rowCount);
  return found;
};

test("all of a small result is held, and comes in order", async () => {
  const source = run([3, 1, 2]);
  const rows = holdRows(source, 100);
  expect(await rows.full).toBe(true);
  expect(source.pulled()).toBe(3);
  expect(await rest(rows.next)).toEqual([3, 1, 2]);
  expect(await rows.next()).toBeUndefined();
});

test("no more than the limit is taken ahead of the reader", async () => {
  const source = run([4, 4, 4, 4, 4]);
  const rows = holdRows(source, 10);
  expect(await rows.full).toBe(true);
  expect(source.pulled()).toBe(3);
  expect(await rest(rows.next)).toEqual([4, 4, 4, 4, 4]);
});

test("a reader that does not wait misses nothing", async () => {
  expect(await rest(holdRows(run([1, 2, 3]), 100).next)).toEqual([1, 2, 3]);
  expect(await rest(holdRows(run([]), 100).next)).toEqual([]);
});

test("a failure is the reader's, and the rows before it are not handed out as a whole", async () => {
  const rows = holdRows(run([1], new Error("lost")), 100);
  expect(await rows.full).toBe(false);
  expect((await rows.next())?.rowCount).toBe(1);
  await expect(rows.next()).rejects.toThrow("lost");
});
