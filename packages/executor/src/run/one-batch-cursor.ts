import type { ScanCursor } from "./scan-cursor.ts";

/** Rows that a morsel gives `process` in one call. */
export interface MorselBatch {
  readonly batch: number;
  readonly selection: number;
  readonly count: number;
}

/** Of a source whose morsels are one batch each. */
export const oneBatchCursor = (batchOf: (morsel: number) => MorselBatch): ScanCursor => {
  let fresh = false;
  const cursor = {
    batch: 0,
    selection: 0,
    count: 0,
    metrics: { rowsRead: 0, bytesRead: 0, pagesRead: 0, pagesPruned: 0, cacheHits: 0, cacheMisses: 0 },
    start: (morsel: number): void => {
      const { batch, selection, count } = batchOf(morsel);
      cursor.batch = batch;
      cursor.selection = selection;
      cursor.count = count;
      cursor.metrics.rowsRead += count;
      fresh = true;
    },
    next: (): boolean => {
      const was = fresh;
      fresh = false;
      return was;
    },
    close: (): void => {},
  };
  return cursor;
};
