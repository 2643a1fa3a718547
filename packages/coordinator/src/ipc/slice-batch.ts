import type { EncodedBatch, EncodedColumn } from "@headcut/executor";
import { countBits, sliceBits } from "./bits.ts";
import { columnLayout } from "./column-layout.ts";
import type { IpcColumn } from "./ipc-column.ts";

/** Large enough to make a message's own cost small, small enough for everyone's limits. */
export const MAX_MESSAGE_BODY_BYTES = 2 << 20;

/**
 * The batch in parts of at most `maxBytes` each, or of one row; in order, views where possible. A batch that is small enough
 * is its own only part, also when it has no rows.
 */
export function* sliceBatch(
  batch: EncodedBatch,
  columns: readonly IpcColumn[],
  maxBytes = MAX_MESSAGE_BODY_BYTES,
): Generator<EncodedBatch> {
  const layouts = columns.map(({ type }) => columnLayout(type));
  const bytesOf = (start: number, end: number): number =>
    layouts.reduce((sum, layout, i) => {
      const rows = end - start;
      const { offsets, validity } = batch.columns[i]!;
      const bits = (validity === undefined ? 0 : rows / 8) + (layout.kind === "bits" ? rows / 8 : 0);
      if (layout.kind === "variable") return sum + bits + 4 * (rows + 1) + offsets![end]! - offsets![start]!;
      return sum + bits + (layout.kind === "fixed" ? rows * layout.bytes : 0);
    }, 0);

  if (bytesOf(0, batch.rowCount) <= maxBytes) {
    yield batch;
    return;
  }
  let start = 0;
  while (start < batch.rowCount) {
    // The most rows that fit, by halving; then down to a multiple of 8, where bits need not be moved.
    let [fits, tooMany] = [1, batch.rowCount - start + 1];
    while (tooMany - fits > 1) {
      const middle = (fits + tooMany) >> 1;
      if (bytesOf(start, start + middle) <= maxBytes) fits = middle;
      else tooMany = middle;
    }
    const end = start + fits;
    const even = end < batch.rowCount && end - (end & 7) > start ? end - (end & 7) : end;
    yield {
      rowCount: even - start,
      columns: batch.columns.map((column, i) => sliceColumn(column, layouts[i]!, start, even)),
    };
    start = even;
  }
}

const sliceColumn = (
  { validity, nullCount, offsets, values }: EncodedColumn,
  layout: ReturnType<typeof columnLayout>,
  start: number,
  end: number,
): EncodedColumn => {
  const count = end - start;
  const bits = validity === undefined ? undefined : sliceBits(validity, start, count);
  const nulls = bits === undefined ? (nullCount === 0 ? 0 : count) : count - countBits(bits, count);
  const common = { nullCount: nulls, validity: nulls === 0 ? undefined : bits };
  switch (layout.kind) {
    case "none":
      return { ...common, offsets, values };
    case "bits":
      return { ...common, offsets, values: sliceBits(values, start, count) };
    case "fixed":
      return { ...common, offsets, values: values.subarray(start * layout.bytes, end * layout.bytes) };
    case "variable": {
      const [from, to] = [offsets![start]!, offsets![end]!];
      const moved = offsets!.subarray(start, end + 1).map((offset) => offset - from);
      return { ...common, offsets: moved, values: values.subarray(from, to) };
    }
  }
};
