import type { DataType } from "@headcut/plan";
import { RESULT_COLUMN_BYTES, resultBuffer, resultColumn } from "../layout/result-buffer.ts";
import { storageLayout, storageOf } from "../layout/storage.ts";
import type { SharedMemory } from "../memory/shared-memory.ts";

/** What the runtime needs to know of a result column. */
export interface ResultColumn {
  readonly type: DataType;
  readonly nullable: boolean;
}

/** Large enough to make a batch's fixed cost small, small enough for the cache. */
const TARGET_BYTES = 1 << 20;
/** Of the query's memory limit, at most this part goes to one buffer, if the smallest capacity allows. */
const LIMIT_SHARE = 1 / 16;
const MIN_CAPACITY = 256;
const MAX_CAPACITY = 16384;

/** Where a result buffer's vectors lie, from its address. */
export interface ResultLayout {
  readonly capacity: number;
  readonly bytes: number;
  readonly columns: readonly { readonly values: number; readonly valid: number | undefined }[];
}

export const resultLayout = (columns: readonly ResultColumn[], limitBytes: number): ResultLayout => {
  const widths = columns.map(({ type }) => storageLayout[storageOf(type)].bytes);
  const rowBytes = columns.reduce((sum, { nullable }, i) => sum + widths[i]! + (nullable ? 1 : 0), 0);
  const target = Math.min(TARGET_BYTES, limitBytes * LIMIT_SHARE);
  let capacity = MAX_CAPACITY;
  while (capacity > MIN_CAPACITY && capacity * rowBytes > target) capacity /= 2;
  let next = (resultBuffer.columns + columns.length * RESULT_COLUMN_BYTES + 15) & ~15;
  const place = (bytes: number): number => {
    const offset = next;
    next += (bytes + 15) & ~15;
    return offset;
  };
  const placed = columns.map(({ nullable }, i) => ({
    values: place(capacity * widths[i]!),
    valid: nullable ? place(capacity) : undefined,
  }));
  return { capacity, bytes: next, columns: placed };
};

/** An empty buffer of this layout at `address`. */
export const initializeResultBuffer = ({ view }: SharedMemory, address: number, layout: ResultLayout): void => {
  view.setUint32(address + resultBuffer.rowCount, 0, true);
  view.setUint32(address + resultBuffer.capacity, layout.capacity, true);
  view.setUint32(address + resultBuffer.stableRows, 0, true);
  layout.columns.forEach(({ values, valid }, i) => {
    const entry = address + resultBuffer.columns + i * RESULT_COLUMN_BYTES;
    view.setUint32(entry + resultColumn.values, address + values, true);
    view.setUint32(entry + resultColumn.valid, valid === undefined ? 0 : address + valid, true);
  });
};
