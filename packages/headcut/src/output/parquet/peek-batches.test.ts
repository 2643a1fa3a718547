import { type RecordBatch, tableFromArrays } from "apache-arrow";
import { expect, it } from "vitest";
import { peekBatches } from "./peek-batches.ts";

const batches = (rows: readonly number[]): RecordBatch[] =>
  rows.map((count) => tableFromArrays({ x: new Int32Array(count) }).batches[0]!);

/** A stream that says how far it was read and whether it was closed. */
const observed = (all: readonly RecordBatch[]) => {
  const state = { read: 0, isClosed: false };
  async function* stream(): AsyncGenerator<RecordBatch> {
    try {
      for (const batch of all) {
        state.read++;
        yield batch;
      }
    } finally {
      state.isClosed = true;
    }
  }
  return { state, stream: stream() };
};

it("holds back no more batches than have the rows, and gives all of them", async () => {
  const { state, stream } = observed(batches([10, 20, 30, 40]));
  const { first, all } = await peekBatches(stream, 25);
  expect(first.map(({ numRows }) => numRows)).toEqual([10, 20]);
  expect(state).toEqual({ read: 2, isClosed: false });
  const rows: number[] = [];
  for await (const { numRows } of all) rows.push(numRows);
  expect(rows).toEqual([10, 20, 30, 40]);
  expect(state).toEqual({ read: 4, isClosed: true });
});

it("closes the stream when it is left early", async () => {
  const { state, stream } = observed(batches([10, 20, 30]));
  const { all } = await peekBatches(stream, 5);
  for await (const _ of all) break;
  expect(state).toEqual({ read: 1, isClosed: true });
});

it("takes a stream that ends before", async () => {
  const { stream } = observed(batches([10]));
  const { first, all } = await peekBatches(stream, 100);
  expect(first).toHaveLength(1);
  const rows: number[] = [];
  for await (const { numRows } of all) rows.push(numRows);
  expect(rows).toEqual([10]);
});
