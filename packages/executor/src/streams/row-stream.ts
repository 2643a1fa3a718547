import type { EncodedBatch } from "../results/encoded-batch.ts";
import type { MemoryTableColumn } from "../tables/memory-table.ts";

/** Rows that come from elsewhere while a query reads them, in runs: what one sender sends, in its order. */
export interface RowStream {
  readonly columns: readonly MemoryTableColumn[];
  /** Of the batches that wait in memory to be read; of each run, one is there whatever it takes. */
  readonly maxBytes: number;
  /**
   * All runs from their beginning; called for every scan that reads them, and again when a query starts again. The signal is aborted when no more
   * is wanted. What an iterator throws is the query's error.
   */
  open(signal: AbortSignal): readonly AsyncIterable<EncodedBatch>[];
}
