import type { NodeId } from "../placement/cluster-node.ts";
import { readyInputs } from "./demand.ts";
import { countFailure, type Draft, dropAttempts, end, replaceTask } from "./draft.ts";
import { hasRoom, isOwner, launch } from "./launch.ts";
import { canRead } from "./place-tasks.ts";
import type { ScheduleOptions } from "./query-spec.ts";
import type { QueryState, Task } from "./query-state.ts";

/** What the clock alone does: the deadline, attempts that are not heard of, second attempts of slow tasks. */
export const watchClock = (draft: Draft): void => {
  const { deadlineAt, silenceMs } = draft.spec.options;
  if (deadlineAt !== undefined && draft.now >= deadlineAt) {
    end(draft, {
      kind: "failed",
      failure: { code: "timeout", message: "the query did not finish before its deadline" },
    });
    return;
  }
  for (const [fragmentId, tasks] of draft.tasks.entries()) {
    for (const task of tasks?.slice() ?? []) {
      if (task.status.kind !== "running") continue;
      const silent = task.status.attempts.filter(({ lastHeardAt }) => draft.now - lastHeardAt >= silenceMs);
      if (silent.length === 0) continue;
      const [{ nodeId }] = silent as [(typeof silent)[0]];
      const failure = { code: "io", message: `node ${nodeId} did not answer for ${silenceMs} ms` } as const;
      const left = dropAttempts(draft, task, (attempt) => silent.includes(attempt));
      replaceTask(draft, fragmentId, countFailure(draft, left, failure, nodeId));
    }
  }
};

/** Starts second attempts of stragglers, where another node has room. */
export const startSecondAttempts = (draft: Draft): void => {
  for (const [fragmentId, tasks] of draft.tasks.entries()) {
    const limit = stragglerLimit(tasks, draft.spec.options);
    if (limit === undefined) continue;
    for (const task of tasks!.slice()) {
      if (task.status.kind !== "running" || task.status.attempts.length > 1 || task.work.kind === "coordinator")
        continue;
      const [attempt] = task.status.attempts;
      if (draft.now - attempt!.startedAt < limit) continue;
      const inputs = readyInputs(draft, fragmentId);
      const nodeId = inputs === undefined ? undefined : helperFor(draft, fragmentId, task, attempt!.nodeId);
      if (inputs === undefined || nodeId === undefined) continue;
      const { work } = task;
      const helping =
        work.kind === "splits" ? { ...work, nodeId, fillCache: isOwner(draft, nodeId, work.items) } : work;
      launch(draft, fragmentId, task, nodeId, inputs, helping);
    }
  }
};

const helperFor = (draft: Draft, fragmentId: number, { work, avoid }: Task, not: NodeId): NodeId | undefined =>
  [...draft.nodes.values()]
    .filter((node) => !node.draining && node.nodeId !== not && !avoid.includes(node.nodeId))
    .filter(({ nodeId }) => work.kind !== "splits" || work.items.every((item) => canRead(item, nodeId)))
    .find((node) => hasRoom(draft, node, fragmentId))?.nodeId;

/** How long a task may run before it is a straggler; undefined unless one runs and half of the fragment's tasks are done. */
const stragglerLimit = (tasks: readonly Task[] | undefined, options: ScheduleOptions): number | undefined => {
  if (!tasks?.some(({ status }) => status.kind === "running")) return undefined;
  const durations: number[] = [];
  for (const { status } of tasks) if (status.kind === "done") durations.push(status.durationMs);
  if (durations.length === 0 || durations.length * 2 < tasks.length) return undefined;
  durations.sort((a, b) => a - b);
  return Math.max(options.stragglerMs, options.stragglerFactor * durations[durations.length >> 1]!);
};

/**
 * When the clock alone will change something: an event `tick` is due then, if no other came. There is always such a time while
 * the query runs, so it never waits for a message that was lost.
 */
export const nextWake = (state: QueryState, now: number): number | undefined => {
  if (state.outcome !== undefined) return undefined;
  const { deadlineAt, silenceMs, helpAfterMs } = state.spec.options;
  const times: number[] = deadlineAt === undefined ? [] : [deadlineAt];
  for (const tasks of state.tasks) {
    const limit = stragglerLimit(tasks, state.spec.options);
    for (const { status } of tasks ?? []) {
      if (status.kind === "waiting") {
        for (const time of [status.notBefore, status.notBefore + helpAfterMs]) if (time > now) times.push(time);
      }
      if (status.kind !== "running") continue;
      for (const attempt of status.attempts) {
        times.push(attempt.lastHeardAt + silenceMs);
        if (limit !== undefined && attempt.startedAt + limit > now) times.push(attempt.startedAt + limit);
      }
    }
  }
  return times.length === 0 ? undefined : Math.min(...times);
};
