import type { SharedMemory } from "../memory/shared-memory.ts";
import { runtimeFilter } from "../pipelines/runtime-filter.ts";

/** Smallest and largest value of a column in a part of a table. */
export interface ColumnRange {
  readonly min: bigint;
  readonly max: bigint;
}

/** A thread's view of a filter that may be left out: what it is worth is found out while it runs. */
export interface AdaptiveFilter {
  readonly metrics: RuntimeFilterMetrics;
  /** A new part of the table begins; false: the filter drops all of its rows. `range` is what is known of the column there. */
  readonly begin: (range: ColumnRange | undefined) => boolean;
  /** The same as an early look, which the metrics do not count. */
  readonly mayPass: (range: ColumnRange | undefined) => boolean;
  readonly isOn: () => boolean;
  readonly observe: (rows: number, passed: number) => void;
}

export interface RuntimeFilterMetrics {
  /** Index of the scan's column. */
  readonly column: number;
  /** Rows it was asked about, and those that passed. */
  rows: number;
  passed: number;
  /** Parts of the table it excluded by their statistics. */
  rowGroupsPruned: number;
}

/** So many rows tell what the filter is worth. */
const TRIAL_ROWS = 16_384;
/** Above this share a row is cheaper to probe than to filter. */
const WORTHWHILE_SHARE = 0.75;
/** Parts of the table until a filter that was switched off is tried again: data may be clustered. */
const PAUSE = 8;

/** Of it, only a filter that nothing passes rules anything out. */
const EVERYTHING: ColumnRange = { min: -(2n ** 63n), max: 2n ** 63n - 1n };

/** `address` is that of the filter's block. */
export const createAdaptiveFilter = (
  { view }: SharedMemory,
  mayPass: (filter: number, low: bigint, high: bigint) => number,
  address: number,
  column: number,
): AdaptiveFilter => {
  const metrics = { column, rows: 0, passed: 0, rowGroupsPruned: 0 };
  let [rows, passed, pause] = [0, 0, 0];
  const passesAll =
    view.getUint32(address + runtimeFilter.kind, true) === 0 &&
    view.getBigUint64(address + runtimeFilter.range, true) === 0xffffffffffffffffn;
  return {
    metrics,
    begin: (range = EVERYTHING) => {
      if (pause > 0 && --pause === 0) [rows, passed] = [0, 0];
      if (mayPass(address, range.min, range.max) !== 0) return true;
      metrics.rowGroupsPruned++;
      return false;
    },
    mayPass: (range = EVERYTHING) => mayPass(address, range.min, range.max) !== 0,
    isOn: () => pause === 0 && !passesAll,
    observe: (seen, left) => {
      metrics.rows += seen;
      metrics.passed += left;
      rows += seen;
      passed += left;
      if (rows < TRIAL_ROWS) return;
      if (passed > rows * WORTHWHILE_SHARE) pause = PAUSE;
      [rows, passed] = [0, 0];
    },
  };
};
