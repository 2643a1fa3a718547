import { SERIES_BLOCK_ROWS } from "../pipelines/operators/series.ts";
import type { ScanCursor } from "./scan-cursor.ts";

/** Blocks of a series, each a morsel of one batch, that is the block's number. */
export const openSeriesCursor = (count: number): ScanCursor => {
  let fresh = false;
  const cursor = {
    batch: 0,
    selection: 0,
    count: 0,
    metrics: { rowsRead: 0, bytesRead: 0, pagesRead: 0, pagesPruned: 0, cacheHits: 0, cacheMisses: 0 },
    start: (block: number): void => {
      cursor.batch = block;
      cursor.count = Math.min(SERIES_BLOCK_ROWS, count - block * SERIES_BLOCK_ROWS);
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

export const seriesBlocks = (count: number): number => Math.ceil(count / SERIES_BLOCK_ROWS);
