import type { EncodedBatch } from "@headcut/executor";
import type { Column } from "@headcut/plan";
import { columnBuilder } from "./column-builder.ts";

/** Collects rows of many batches into larger ones. */
export interface BatchBuilder {
  append(batch: EncodedBatch, rows: Int32Array, from: number, to: number): void;
  /** Whether there is enough for a message. */
  isFull(): boolean;
  /** The rows there are, unless there are none; the builder is empty again. */
  finish(): EncodedBatch | undefined;
}

/** A message's fixed cost is small beside it; messages for many partitions are not too much at once. */
const TARGET_BYTES = 1 << 20;
const MAX_ROWS = 1 << 17;

/** Columns beyond `columns` of the batches that are appended are left out. */
export const batchBuilder = (columns: readonly Pick<Column, "type">[]): BatchBuilder => {
  const builders = columns.map(({ type }) => columnBuilder(type));
  let rowCount = 0;
  return {
    append: (batch, rows, from, to) => {
      builders.forEach((builder, i) => {
        builder.append(batch.columns[i]!, rows, from, to);
      });
      rowCount += to - from;
    },
    isFull: () => rowCount >= MAX_ROWS || builders.reduce((sum, builder) => sum + builder.bytes(), 0) >= TARGET_BYTES,
    finish: () => {
      if (rowCount === 0) return undefined;
      const batch = { rowCount, columns: builders.map((builder) => builder.finish()) };
      rowCount = 0;
      return batch;
    },
  };
};
