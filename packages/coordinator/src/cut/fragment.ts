import type { Expression, PhysicalPlan, SortKey, TableSource } from "@headcut/plan";

/** Where a fragment's tasks run. */
export type Runs =
  /** One task, on the node that coordinates the query. */
  | { readonly kind: "coordinator" }
  | SplitRuns
  /** Task i of `count` reads partition i of its hash exchanges, and all of its broadcasts. */
  | { readonly kind: "partitions"; readonly count: number };

/** Tasks on the nodes that have the splits of these scans (operator ids); each split is read by one task. */
export interface SplitRuns {
  readonly kind: "splits";
  readonly scans: readonly number[];
  /** Splits are given out so that rows with equal values of these columns, one of each of the scans, meet in one task. Absent: in any way. */
  readonly by?: readonly SplitKey[];
  /** Other scans, of which each task reads all splits by itself: every node has them. */
  readonly copies?: readonly number[];
}

/** A column of a scan's table. */
export interface SplitKey {
  readonly operatorId: number;
  readonly column: string;
}

/** Where a fragment's rows go: its exchange. */
export type Output =
  /** To the client; the root alone. */
  | { readonly kind: "result" }
  /** All to the one task of the consumer. With an order, each task's rows are sorted: a merge keeps it. */
  | { readonly kind: "gather"; readonly order: readonly SortKey[] | undefined }
  /** All to every task of the consumer. */
  | { readonly kind: "broadcast" }
  /** Each row to task hash(keys) mod `partitions`. The hash agrees with SQL's equality: NULLs are one value, as are -0 and 0, and all NaNs. */
  | { readonly kind: "hash"; readonly keys: readonly Expression[]; readonly partitions: number };

/** The scan with this operator id reads what another fragment puts out. */
export interface RemoteInput {
  readonly operatorId: number;
  readonly from: number;
}

/**
 * The scan with this operator id reads the different keys that another fragment's rows have: place `key` of its `keysOf`. It is the build side of a
 * semi join that only leaves out rows which find no match later, so that the join may be left out when the keys are too many to be told.
 */
export interface KeyInput {
  readonly operatorId: number;
  readonly from: number;
  readonly key: number;
}

/**
 * What one task runs, of a plan that was cut at its exchanges. Plain data, the same whatever shards there are: which
 * splits a task reads, and from whom it gets its inputs, is told with the task. Scans of splits and of inputs have the source
 * `UNBOUND`; `bindFragment` fills them in.
 */
export interface Fragment {
  readonly fragmentId: number;
  readonly plan: PhysicalPlan;
  readonly inputs: readonly RemoteInput[];
  readonly keyInputs?: readonly KeyInput[];
  /** Columns (places in the plan's list) of whose values each task tells which there are, before its rows are read. */
  readonly keysOf?: readonly number[];
  /** So many rows of all its tasks are enough, any of them: tasks that are not done by then are not needed. */
  readonly enough?: number;
  readonly runs: Runs;
  readonly output: Output;
  /**
   * Running a task again on the same input gives the same rows for every consumer. Not so where an operator chooses
   * among rows (LIMIT, first) or adds floating numbers in any order.
   */
  readonly repeatable: boolean;
}

/** A whole query: the root (id 0) first; a fragment's inputs, of rows and of keys, come after it. */
export interface FragmentedPlan {
  readonly fragments: readonly Fragment[];
}

/** The source of a scan that has not been told what to read: no engine has such a table, so running it fails. */
export const UNBOUND: TableSource = { kind: "memory", tableId: Number.MAX_SAFE_INTEGER };
