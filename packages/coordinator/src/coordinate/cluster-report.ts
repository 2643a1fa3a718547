import type { FragmentedPlan } from "../cut/fragment.ts";
import type { NodeId } from "../placement/cluster-node.ts";
import type { ScanReport } from "../worker/attempt-report.ts";

/** What a query did on the cluster. Bytes are those of the exchange's messages, as they were sent. */
export interface ClusterReport {
  readonly queryId: string;
  readonly coordinatorId: NodeId;
  /** Nodes that ran something of it, in order of their ids. */
  readonly nodes: readonly NodeId[];
  /** From one node to another; what a node reads of its own is not among them. */
  readonly bytesBetweenNodes: number;
  /** Splits of all scans, and how many of them were read by an owner (for a shard on disks: a holder). */
  readonly splits: number;
  readonly splitsByOwners: number;
  readonly tasks: number;
  readonly attempts: number;
  /** Attempts made because an earlier one of the task failed or was lost; second attempts of slow tasks are not among them. */
  readonly retries: number;
  /** Time in the queue, before anything was started. */
  readonly queuedMs: number;
  readonly totalMs: number;
  /** What was run; undefined for a query that this node ran by itself. */
  readonly plan: FragmentedPlan | undefined;
  /** By fragment id. */
  readonly fragments: readonly FragmentReport[];
}

export interface FragmentReport {
  readonly fragmentId: number;
  /** Rows that its tasks put out, together. */
  readonly rows: number;
  /** What its tasks received from other nodes, and from their own. */
  readonly bytesIn: number;
  readonly bytesOwn: number;
  /** Encoded bytes that its tasks put out. */
  readonly bytesOut: number;
  /** Of its slowest task. */
  readonly longestMs: number;
  /** The greatest memory of one of its tasks. */
  readonly peakBytes: number;
  /** Rows that left each operator, over all tasks, by operator id; operators without any are absent. */
  readonly operatorRows: ReadonlyMap<number, number>;
  /** By operator id, over all tasks. */
  readonly scans: ReadonlyMap<number, ScanReport>;
  readonly tasks: readonly TaskReport[];
}

/** The attempt of a task that counted. */
export interface TaskReport {
  readonly taskId: number;
  readonly nodeId: NodeId;
  readonly splits: number;
  readonly rows: number;
  readonly bytesIn: number;
  readonly elapsedMs: number;
}
