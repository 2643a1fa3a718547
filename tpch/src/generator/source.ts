import type { RowRange, Scale } from "../scale.ts";
import type { TableName } from "../schema.ts";
import type { Batch } from "./column.ts";

/** What a table's generator needs to know. */
export interface Source {
  readonly scale: Scale;
  readonly range: RowRange;
  /** The text pool, as `writeTextPool` gives it. */
  readonly pool: Uint8Array;
}

/** A batch and the table it belongs to: some generators yield two tables together. */
export interface TableBatch {
  readonly table: TableName;
  readonly batch: Batch;
}

/** Cuts a range into pieces of at most `maxRows`. */
export function* pieces(range: RowRange, maxRows: number): Generator<RowRange> {
  for (let first = range.first; first < range.end; first += maxRows)
    yield { first, end: Math.min(first + maxRows, range.end) };
}
