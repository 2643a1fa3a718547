import { SERIES_BLOCK_ROWS } from "../pipelines/operators/series.ts";
import { oneBatchCursor } from "./one-batch-cursor.ts";
import type { ScanCursor } from "./scan-cursor.ts";

/** Blocks of a series, each a morsel of one batch, that is the block's number. */
export const openSeriesCursor = (count: number): ScanCursor =>
  oneBatchCursor((block) => ({
    batch: block,
    selection: 0,
    count: Math.min(SERIES_BLOCK_ROWS, count - block * SERIES_BLOCK_ROWS),
  }));

export const seriesBlocks = (count: number): number => Math.ceil(count / SERIES_BLOCK_ROWS);
