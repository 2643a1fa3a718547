import type { NodeId } from "../placement/cluster-node.ts";
import type { AttemptId, InputRef, Outcome, QueryFailure, SchedulerNode, TaskId, TaskWork } from "./query-state.ts";

/** What a failed attempt says of another one. */
export type AttemptFailure =
  /** The worker could not take it or lost it; another node may do better. */
  | { readonly kind: "elsewhere"; readonly failure: QueryFailure }
  /** It would fail everywhere: the user's data, a limit, a bug. */
  | { readonly kind: "fatal"; readonly failure: QueryFailure }
  /** The output of this attempt could not be read; `why`, for people. */
  | { readonly kind: "inputLost"; readonly input: AttemptId; readonly why?: string };

/** `now`: of one clock, ms, never less than in the event before. Events may be lost, late, repeated or in any order. */
export type QueryEvent = { readonly now: number } & (
  | { readonly kind: "start" }
  | { readonly kind: "heard"; readonly attemptId: AttemptId; readonly received: boolean }
  /** `rows`: that it put out, if that is known. */
  | { readonly kind: "finished"; readonly attemptId: AttemptId; readonly rows?: number }
  | { readonly kind: "failed"; readonly attemptId: AttemptId; readonly reason: AttemptFailure }
  | { readonly kind: "nodeUp"; readonly node: SchedulerNode }
  | { readonly kind: "nodeDraining"; readonly nodeId: NodeId }
  | { readonly kind: "nodeLost"; readonly nodeId: NodeId }
  | { readonly kind: "cancel" }
  | { readonly kind: "tick" }
);

export type QueryEffect =
  | {
      readonly kind: "launch";
      readonly nodeId: NodeId;
      readonly fragmentId: number;
      readonly taskId: TaskId;
      readonly attemptId: AttemptId;
      readonly work: TaskWork;
      readonly inputs: readonly InputRef[];
    }
  /** Best effort: end the attempt, drop its output. */
  | { readonly kind: "stop"; readonly nodeId: NodeId; readonly attemptId: AttemptId }
  /** Everything of this query on these nodes is to be dropped; then the outcome is the client's. Once, the last effect. */
  | { readonly kind: "end"; readonly outcome: Outcome; readonly release: readonly NodeId[] };
