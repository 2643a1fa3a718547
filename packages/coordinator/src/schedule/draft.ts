import type { NodeId } from "../placement/cluster-node.ts";
import type { QueryEffect } from "./query-events.ts";
import type { FragmentWork } from "./query-spec.ts";
import type {
  Attempt,
  InputRef,
  Outcome,
  QueryFailure,
  QueryState,
  SchedulerNode,
  Task,
  TaskStatus,
} from "./query-state.ts";

/** A state while a step makes the next one of it. Tasks are replaced, never changed. */
export interface Draft {
  readonly spec: QueryState["spec"];
  readonly now: number;
  readonly nodes: Map<NodeId, SchedulerNode>;
  readonly tasks: (Task[] | undefined)[];
  readonly used: Set<NodeId>;
  readonly effects: QueryEffect[];
  nextTask: number;
  nextAttempt: number;
  outcome: Outcome | undefined;
}

export const draftOf = (state: QueryState, now: number): Draft => ({
  spec: state.spec,
  now,
  nodes: new Map(state.nodes),
  tasks: state.tasks.map((tasks) => tasks?.slice()),
  used: new Set(state.used),
  effects: [],
  nextTask: state.nextTask,
  nextAttempt: state.nextAttempt,
  outcome: state.outcome,
});

export const sealed = ({ spec, nodes, tasks, used, nextTask, nextAttempt, outcome }: Draft): QueryState => ({
  spec,
  nodes,
  tasks,
  used,
  nextTask,
  nextAttempt,
  outcome,
});

export const fragmentOf = (draft: Draft, fragmentId: number): FragmentWork => draft.spec.fragments[fragmentId]!;

export const replaceTask = (draft: Draft, fragmentId: number, task: Task): void => {
  const tasks = draft.tasks[fragmentId]!;
  tasks[tasks.findIndex(({ taskId }) => taskId === task.taskId)] = task;
};

export const waiting = (notBefore: number): TaskStatus => ({ kind: "waiting", notBefore });

export const stop = (draft: Draft, { nodeId, attemptId }: Pick<Attempt, "nodeId" | "attemptId">): void => {
  if (draft.nodes.has(nodeId)) draft.effects.push({ kind: "stop", nodeId, attemptId });
};

/** Takes attempts from a running task; it waits again, from now, when none is left. */
export const dropAttempts = (draft: Draft, task: Task, isDropped: (attempt: Attempt) => boolean): Task => {
  if (task.status.kind !== "running") return task;
  const kept = task.status.attempts.filter((attempt) => !isDropped(attempt));
  if (kept.length === task.status.attempts.length) return task;
  for (const attempt of task.status.attempts) if (isDropped(attempt)) stop(draft, attempt);
  return { ...task, status: kept.length > 0 ? { kind: "running", attempts: kept } : waiting(draft.now) };
};

/** Counts a failure of a task. It waits longer each time; after too many the query fails for this reason. */
export const countFailure = (draft: Draft, task: Task, failure: QueryFailure, nodeId?: NodeId): Task => {
  const { maxFailures, backoffMs, maxBackoffMs } = draft.spec.options;
  const failures = task.failures + 1;
  if (failures >= maxFailures) end(draft, { kind: "failed", failure });
  const pause = Math.min(maxBackoffMs, backoffMs * 2 ** (failures - 1));
  const status = task.status.kind === "running" ? task.status : waiting(draft.now + pause);
  const avoid = nodeId === undefined || task.avoid.includes(nodeId) ? task.avoid : [...task.avoid, nodeId];
  return { ...task, failures, avoid, status };
};

/** Ends the query; what is still running is stopped by dropping everything of the query. */
export const end = (draft: Draft, outcome: Outcome): void => {
  if (draft.outcome !== undefined) return;
  draft.outcome = outcome;
  draft.effects.push({ kind: "end", outcome, release: [...draft.used].filter((nodeId) => draft.nodes.has(nodeId)) });
};

/** Whether an output that a consumer was told of is still the one that counts, on a node that can be reached. */
export const isCurrent = (draft: Draft, { fragmentId, taskId, attemptId, nodeId }: InputRef): boolean => {
  const task = draft.tasks[fragmentId]?.find((candidate) => candidate.taskId === taskId);
  return task?.status.kind === "done" && task.status.attemptId === attemptId && draft.nodes.has(nodeId);
};
