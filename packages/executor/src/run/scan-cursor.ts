import type { AdaptiveFilter } from "./runtime-filter.ts";

/** One thread's way through the morsels of a scan: `start` one, then `next` until it says false. */
export interface ScanCursor {
  /** May have to wait for bytes. */
  start(morsel: number): void | Promise<void>;
  /** Begins to fetch what this morsel needs, which has to be the next that is started. Absent: nothing is far away. */
  readAhead?(morsel: number): void;
  /** Makes the next batch current; false at the morsel's end. A batch lives until the next call. */
  next(): boolean | Promise<boolean>;
  /** The current batch: address of its column entries. */
  readonly batch: number;
  /** Address of the row numbers that passed the filters; 0: all of the first `count` rows. */
  readonly selection: number;
  /** Rows that passed the filters; may be 0. */
  readonly count: number;
  readonly metrics: CursorMetrics;
  /** Frees what the cursor holds; in every outcome, once. The query's memory must stay until a promise has settled. */
  close(): void | Promise<void>;
}

/** Running totals of one cursor. */
export interface CursorMetrics {
  /** Before the filters. */
  rowsRead: number;
  bytesRead: number;
  pagesRead: number;
  pagesPruned: number;
  /** Column chunks read from the column cache, and those that it might have had but did not. */
  cacheHits: number;
  cacheMisses: number;
}

/** A compiled filter, bound to its thread. */
export interface ScanFilterFunction {
  /** Indexes of the scan's columns that it reads. */
  readonly columns: readonly number[];
  /** Of the rows at `rows` (0: rows 0 … count - 1), those that pass, written to `out` as u32; how many. */
  readonly run: (batch: number, rows: number, count: number, out: number) => number;
  /** It may fail on some values, and must only see those of rows that passed the filters before it. */
  readonly mayFail: boolean;
  /** It may be left out where it is worth nothing. */
  readonly runtime?: AdaptiveFilter;
}
