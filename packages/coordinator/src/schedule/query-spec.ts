import type { NodeId } from "../placement/cluster-node.ts";
import type { Split } from "../placement/split.ts";

/** A split and the scan (operator id) that reads it. Each item has a split object of its own, if two scans read the same. */
export interface ScanSplit {
  readonly operatorId: number;
  readonly split: Split;
}

/** What there is to do in a fragment. */
export type Work =
  | { readonly kind: "coordinator" }
  | { readonly kind: "splits"; readonly items: readonly ScanSplit[] }
  | { readonly kind: "partitions"; readonly count: number };

/** A fragment as the scheduler sees it; its id is its place in the list. */
export interface FragmentWork {
  /** Those that it waits for: it reads their rows, or is told of them. Greater ids. */
  readonly inputs: readonly number[];
  readonly work: Work;
  /** See `Fragment.repeatable`. */
  readonly repeatable: boolean;
  /** See `Fragment.enough`. */
  readonly enough?: number;
  /** What a task is expected to need at its worst. */
  readonly memoryBytes: number;
}

export interface QuerySpec {
  readonly fragments: readonly FragmentWork[];
  /** Runs the root and all that is gathered; this process itself, so it is never lost. */
  readonly coordinatorId: NodeId;
  readonly options: ScheduleOptions;
}

/** Times in ms. */
export interface ScheduleOptions {
  /** Tasks of this query that a node runs at once. */
  readonly slotsPerNode: number;
  /** Into how many tasks a node's splits are put, so that an idle node finds some to take over. */
  readonly tasksPerNode: number;
  /** How long a task waits for room on its owner before an idle node takes it over. */
  readonly helpAfterMs: number;
  /** Failures of one task, or of its predecessors on the same splits, before the query fails. */
  readonly maxFailures: number;
  readonly backoffMs: number;
  readonly maxBackoffMs: number;
  /** An attempt not heard of for so long is lost; workers report more often than that. */
  readonly silenceMs: number;
  /** A second attempt is made of a task that has run so many times as long as the median of its fragment's done ones… */
  readonly stragglerFactor: number;
  /** … and at least this long. */
  readonly stragglerMs: number;
  /** On the clock of the events' `now`; undefined for none. */
  readonly deadlineAt: number | undefined;
}

export const DEFAULT_SCHEDULE: ScheduleOptions = {
  slotsPerNode: 2,
  tasksPerNode: 2,
  helpAfterMs: 200,
  maxFailures: 4,
  backoffMs: 100,
  maxBackoffMs: 5000,
  silenceMs: 5000,
  stragglerFactor: 3,
  stragglerMs: 1000,
  deadlineAt: undefined,
};
