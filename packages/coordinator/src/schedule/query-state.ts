import type { QueryErrorCode } from "@headcut/plan";
import type { NodeId } from "../placement/cluster-node.ts";
import type { QuerySpec, ScanSplit } from "./query-spec.ts";

/** Unique in the query, never used again: what a worker says of an attempt that is over is not taken for another's. */
export type AttemptId = number;
export type TaskId = number;

/** The output of a task, as told to a consumer: it reads this attempt's, on this node, and no other. */
export interface InputRef {
  readonly fragmentId: number;
  readonly taskId: TaskId;
  readonly attemptId: AttemptId;
  readonly nodeId: NodeId;
}

export interface Attempt {
  readonly attemptId: AttemptId;
  readonly nodeId: NodeId;
  readonly startedAt: number;
  readonly lastHeardAt: number;
  readonly inputs: readonly InputRef[];
  /** It has all its inputs in its own memory, and needs their producers no more. */
  readonly received: boolean;
}

export type TaskStatus =
  /** For its inputs, for room on its node, or for a pause after a failure to end. */
  | { readonly kind: "waiting"; readonly notBefore: number }
  /** One attempt; two, when the first is suspiciously slow. */
  | { readonly kind: "running"; readonly attempts: readonly Attempt[] }
  /** The attempt that counts. Only its output is ever read, by all consumers. */
  | {
      readonly kind: "done";
      readonly attemptId: AttemptId;
      readonly nodeId: NodeId;
      readonly inputs: readonly InputRef[];
      readonly durationMs: number;
      /** That it put out. */
      readonly rows: number;
    };

export type TaskWork =
  | { readonly kind: "coordinator" }
  | { readonly kind: "partition"; readonly index: number }
  /** The node they were given to; undefined when none could take them. */
  | {
      readonly kind: "splits";
      readonly items: readonly ScanSplit[];
      readonly nodeId: NodeId | undefined;
      readonly fillCache: boolean;
    };

export interface Task {
  readonly taskId: TaskId;
  readonly work: TaskWork;
  readonly failures: number;
  /** Nodes it failed on. */
  readonly avoid: readonly NodeId[];
  readonly status: TaskStatus;
}

export interface SchedulerNode {
  readonly nodeId: NodeId;
  readonly weight: number;
  /** What this query may use there. */
  readonly memoryBytes: number;
  /** Runs what it has, and keeps its outputs, but gets nothing new. */
  readonly draining: boolean;
}

/** Why a query ended without its rows. */
export interface QueryFailure {
  readonly code: QueryErrorCode;
  readonly message: string;
  readonly hint?: string;
}

export type Outcome =
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly failure: QueryFailure }
  | { readonly kind: "cancelled" };

/** A query while it runs: plain data, never changed in place. */
export interface QueryState {
  readonly spec: QuerySpec;
  /** Nodes that can be reached. */
  readonly nodes: ReadonlyMap<NodeId, SchedulerNode>;
  /** By fragment: its tasks, which together have each of its splits or partitions exactly once, unless it has rows enough; undefined until it can begin. */
  readonly tasks: readonly (readonly Task[] | undefined)[];
  readonly nextTask: TaskId;
  readonly nextAttempt: AttemptId;
  /** Nodes that may hold something of this query. */
  readonly used: ReadonlySet<NodeId>;
  readonly outcome: Outcome | undefined;
}
