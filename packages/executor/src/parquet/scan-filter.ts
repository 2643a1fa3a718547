import type { AdaptiveFilter } from "../run/runtime-filter.ts";

/** A predicate over some of the scan's columns, as `docs/executor.md` describes compiled scan filters. */
export interface ScanFilter {
  /** Indexes of the scan's columns that it reads. */
  readonly columns: readonly number[];
  /** Rows of `selectionIn` (0: rows 0 … count - 1) that pass, written to `selectionOut` as u32; returns how many. */
  run(batch: number, selectionIn: number, count: number, selectionOut: number): number;
  /**
   * It may fail on some values (a cast, a division): then it only sees values of rows that passed the filters before
   * it, never a whole dictionary.
   */
  readonly mayFail: boolean;
  /** It may be left out where it is worth nothing. */
  readonly runtime?: AdaptiveFilter;
}
