import { assert } from "@headcut/plan";
import {
  countFailure,
  type Draft,
  draftOf,
  dropAttempts,
  end,
  fragmentOf,
  replaceTask,
  sealed,
  stop,
  waiting,
} from "./draft.ts";
import { invalidateLost } from "./invalidate.ts";
import { launchReady } from "./launch.ts";
import type { AttemptFailure, QueryEffect, QueryEvent } from "./query-events.ts";
import type { QuerySpec } from "./query-spec.ts";
import type { Attempt, AttemptId, QueryState, SchedulerNode, Task } from "./query-state.ts";
import { startSecondAttempts, watchClock } from "./watch.ts";

export interface Step {
  readonly state: QueryState;
  /** To be carried out in order. */
  readonly effects: readonly QueryEffect[];
}

/** A query that has not begun. The coordinator is one of the nodes. */
export const initialState = (spec: QuerySpec, nodes: readonly SchedulerNode[]): QueryState => {
  assert(
    nodes.some(({ nodeId }) => nodeId === spec.coordinatorId),
    "the coordinator is not among the nodes",
  );
  return {
    spec,
    nodes: new Map(nodes.map((node) => [node.nodeId, node])),
    tasks: spec.fragments.map(() => undefined),
    nextTask: 0,
    nextAttempt: 0,
    used: new Set(),
    outcome: undefined,
  };
};

/**
 * The scheduler of one query: what to do next, given what happened. Pure: no clock, no chance, no network; who calls it carries
 * out the effects, and comes back with a `tick` at `nextWake`. Once there is an outcome nothing changes any more.
 */
export const step = (state: QueryState, event: QueryEvent): Step => {
  if (state.outcome !== undefined) return { state, effects: [] };
  const draft = draftOf(state, event.now);
  apply(draft, event);
  if (draft.outcome === undefined) watchClock(draft);
  if (draft.outcome === undefined) invalidateLost(draft);
  if (draft.outcome === undefined) launchReady(draft);
  if (draft.outcome === undefined) startSecondAttempts(draft);
  return { state: sealed(draft), effects: draft.effects };
};

const apply = (draft: Draft, event: QueryEvent): void => {
  switch (event.kind) {
    case "start":
    case "tick":
      return;
    case "heard":
      heard(draft, event.attemptId, event.received);
      return;
    case "finished":
      finished(draft, event.attemptId, event.rows ?? 0);
      return;
    case "failed":
      failed(draft, event.attemptId, event.reason);
      return;
    case "nodeUp":
      draft.nodes.set(event.node.nodeId, event.node);
      return;
    case "nodeDraining": {
      const node = draft.nodes.get(event.nodeId);
      if (node !== undefined) draft.nodes.set(event.nodeId, { ...node, draining: true });
      return;
    }
    case "nodeLost":
      // The coordinator is where this runs: what it hears of its own loss is a mistake.
      if (event.nodeId !== draft.spec.coordinatorId) draft.nodes.delete(event.nodeId);
      return;
    case "cancel":
      end(draft, { kind: "cancelled" });
      return;
  }
};

interface Found {
  readonly fragmentId: number;
  readonly task: Task;
  readonly attempt: Attempt;
}

/** The running attempt with this id; undefined for one that is over, of which nothing is believed. */
const find = (draft: Draft, attemptId: AttemptId): Found | undefined => {
  for (const [fragmentId, tasks] of draft.tasks.entries()) {
    for (const task of tasks ?? []) {
      if (task.status.kind !== "running") continue;
      const attempt = task.status.attempts.find((candidate) => candidate.attemptId === attemptId);
      if (attempt !== undefined) return { fragmentId, task, attempt };
    }
  }
  return undefined;
};

const heard = (draft: Draft, attemptId: AttemptId, received: boolean): void => {
  const found = find(draft, attemptId);
  if (found?.task.status.kind !== "running") return;
  const attempts = found.task.status.attempts.map((attempt) =>
    attempt.attemptId === attemptId
      ? { ...attempt, lastHeardAt: draft.now, received: attempt.received || received }
      : attempt,
  );
  replaceTask(draft, found.fragmentId, { ...found.task, status: { kind: "running", attempts } });
};

/** The first attempt to finish is the one that counts. */
const finished = (draft: Draft, attemptId: AttemptId, rows: number): void => {
  const found = find(draft, attemptId);
  if (found?.task.status.kind !== "running") return;
  const { fragmentId, task, attempt } = found;
  for (const other of found.task.status.attempts) if (other.attemptId !== attemptId) stop(draft, other);
  const { nodeId, inputs, startedAt } = attempt;
  const durationMs = draft.now - startedAt;
  replaceTask(draft, fragmentId, { ...task, status: { kind: "done", attemptId, nodeId, inputs, durationMs, rows } });
  dropNeedless(draft, fragmentId);
  if (fragmentId === 0) end(draft, { kind: "done" });
};

/** Ends the tasks of a fragment whose done ones have rows enough. */
const dropNeedless = (draft: Draft, fragmentId: number): void => {
  const { enough } = fragmentOf(draft, fragmentId);
  const tasks = draft.tasks[fragmentId]!;
  const rows = tasks.reduce((sum, { status }) => sum + (status.kind === "done" ? status.rows : 0), 0);
  if (enough === undefined || rows < enough) return;
  draft.tasks[fragmentId] = tasks.filter((task) => {
    dropAttempts(draft, task, () => true);
    return task.status.kind === "done";
  });
};

const failed = (draft: Draft, attemptId: AttemptId, reason: AttemptFailure): void => {
  const found = find(draft, attemptId);
  if (found === undefined) return;
  const { fragmentId, task, attempt } = found;
  if (reason.kind === "fatal") {
    end(draft, { kind: "failed", failure: reason.failure });
    return;
  }
  const left = dropAttempts(draft, task, (candidate) => candidate === attempt);
  if (reason.kind === "elsewhere") {
    replaceTask(draft, fragmentId, countFailure(draft, left, reason.failure, attempt.nodeId));
    return;
  }
  // The producer is to blame, and its failures are counted; so this ends, even if it is the way between that is broken.
  replaceTask(draft, fragmentId, left);
  const input = attempt.inputs.find((candidate) => candidate.attemptId === reason.input);
  const producer = draft.tasks[input?.fragmentId ?? -1]?.find(({ taskId }) => taskId === input!.taskId);
  if (input === undefined || producer?.status.kind !== "done" || producer.status.attemptId !== reason.input) {
    const failure = { code: "io", message: `node ${attempt.nodeId} could not read its inputs` } as const;
    replaceTask(draft, fragmentId, countFailure(draft, left, failure, attempt.nodeId));
    return;
  }
  // Not the first time: it may be the reader that reaches nobody.
  if (producer.failures > 0 && !left.avoid.includes(attempt.nodeId)) {
    replaceTask(draft, fragmentId, { ...left, avoid: [...left.avoid, attempt.nodeId] });
  }
  stop(draft, producer.status);
  const why = reason.why === undefined ? "" : `: ${reason.why}`;
  const failure = { code: "io", message: `what node ${input.nodeId} had computed could not be read${why}` } as const;
  const again = { ...producer, status: waiting(draft.now) };
  replaceTask(draft, input.fragmentId, countFailure(draft, again, failure, input.nodeId));
};
