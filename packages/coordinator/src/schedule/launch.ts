import type { NodeId } from "../placement/cluster-node.ts";
import { ownersOf } from "../placement/owners.ts";
import { splitKey } from "../placement/split.ts";
import { neededFragments, readyInputs } from "./demand.ts";
import { countFailure, type Draft, fragmentOf, replaceTask } from "./draft.ts";
import { canRead, firstTasks, noOwnerFailure, splitTasks, taskBytes } from "./place-tasks.ts";
import type { InputRef, SchedulerNode, Task, TaskWork } from "./query-state.ts";

/** Starts whatever has its inputs and finds room. */
export const launchReady = (draft: Draft): void => {
  const needed = neededFragments(draft);
  // Inputs before consumers: one without any split is done at once.
  for (let fragmentId = draft.spec.fragments.length - 1; fragmentId >= 0; fragmentId--) {
    if (!needed[fragmentId]) continue;
    const inputs = readyInputs(draft, fragmentId);
    if (inputs === undefined) continue;
    draft.tasks[fragmentId] ??= firstTasks(draft, fragmentId);
    for (const task of draft.tasks[fragmentId]!.slice()) launchWaiting(draft, fragmentId, task, inputs);
    if (draft.outcome !== undefined) return;
    letIdleNodesHelp(draft, fragmentId, inputs);
  }
};

const isDue = ({ status }: Task, now: number): boolean => status.kind === "waiting" && status.notBefore <= now;

const launchWaiting = (draft: Draft, fragmentId: number, task: Task, inputs: readonly InputRef[]): void => {
  if (!isDue(task, draft.now)) return;
  switch (task.work.kind) {
    case "coordinator":
      launch(draft, fragmentId, task, draft.spec.coordinatorId, inputs);
      return;
    case "partition": {
      const node = nodeForPartition(draft, fragmentId, task, task.work.index);
      if (node === undefined && !hasWorkers(draft)) {
        const failure = { code: "io", message: "there is no node in the cluster" } as const;
        replaceTask(draft, fragmentId, countFailure(draft, task, failure));
      } else if (node !== undefined) launch(draft, fragmentId, task, node, inputs);
      return;
    }
    case "splits": {
      const { nodeId, items } = task.work;
      const node = nodeId === undefined ? undefined : draft.nodes.get(nodeId);
      if (node !== undefined && !node.draining && !task.avoid.includes(node.nodeId)) {
        if (hasRoom(draft, node, fragmentId)) launch(draft, fragmentId, task, node.nodeId, inputs);
        return;
      }
      placeAgain(draft, fragmentId, task, items, inputs);
    }
  }
};

/** Gives a task's splits to other nodes, which may make several tasks of it. */
const placeAgain = (
  draft: Draft,
  fragmentId: number,
  task: Task,
  items: Extract<TaskWork, { kind: "splits" }>["items"],
  inputs: readonly InputRef[],
): void => {
  const tasks = draft.tasks[fragmentId]!;
  const made = splitTasks(draft, items, task);
  tasks.splice(tasks.indexOf(task), 1, ...made);
  for (const next of made) {
    if (next.work.kind !== "splits") continue;
    const { nodeId } = next.work;
    const node = nodeId === undefined ? undefined : draft.nodes.get(nodeId);
    if (node === undefined) replaceTask(draft, fragmentId, countFailure(draft, next, noOwnerFailure(next.work.items)));
    // A draining node is taken only when there is no other.
    else if (hasRoom(draft, node, fragmentId)) launch(draft, fragmentId, next, node.nodeId, inputs);
  }
};

const hasWorkers = (draft: Draft): boolean => draft.nodes.size > 0;

const runningOn = (draft: Draft, nodeId: NodeId): readonly number[] => {
  const fragments: number[] = [];
  for (const [fragmentId, tasks] of draft.tasks.entries()) {
    for (const { status, work } of tasks ?? []) {
      if (status.kind !== "running" || work.kind === "coordinator") continue;
      for (const attempt of status.attempts) if (attempt.nodeId === nodeId) fragments.push(fragmentId);
    }
  }
  return fragments;
};

/** Room for one more task. A node that runs none has room whatever its memory, or a large task would never begin. */
export const hasRoom = (draft: Draft, node: SchedulerNode, fragmentId: number): boolean => {
  const running = runningOn(draft, node.nodeId);
  if (running.length === 0) return true;
  const memory = running.reduce((sum, id) => sum + fragmentOf(draft, id).memoryBytes, 0);
  const fits = memory + fragmentOf(draft, fragmentId).memoryBytes <= node.memoryBytes;
  return running.length < draft.spec.options.slotsPerNode && fits;
};

/** The node with room that runs least, the partition's usual one first among equals. */
const nodeForPartition = (draft: Draft, fragmentId: number, task: Task, index: number): NodeId | undefined => {
  const all = [...draft.nodes.values()].sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1));
  const up = all.filter(({ draining }) => !draining);
  const usable = up.filter(({ nodeId }) => !task.avoid.includes(nodeId));
  const nodes = usable.length > 0 ? usable : up.length > 0 ? up : all;
  const turned = nodes.map((_, i) => nodes[(i + index) % nodes.length]!);
  const free = turned.filter((node) => hasRoom(draft, node, fragmentId));
  const load = (node: SchedulerNode): number => runningOn(draft, node.nodeId).length;
  return free.reduce<SchedulerNode | undefined>(
    (best, node) => (best === undefined || load(node) < load(best) ? node : best),
    undefined,
  )?.nodeId;
};

/** A node with nothing to do takes the largest task that has waited too long for room elsewhere, and does not keep what it reads. */
const letIdleNodesHelp = (draft: Draft, fragmentId: number, inputs: readonly InputRef[]): void => {
  const { helpAfterMs } = draft.spec.options;
  for (const { nodeId, draining } of [...draft.nodes.values()].sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1))) {
    if (draining || runningOn(draft, nodeId).length > 0) continue;
    let best: Task | undefined;
    for (const task of draft.tasks[fragmentId]!) {
      if (!isDue(task, draft.now - helpAfterMs) || task.work.kind !== "splits" || task.avoid.includes(nodeId)) continue;
      if (!task.work.items.every((item) => canRead(item, nodeId))) continue;
      if (best?.work.kind === "splits" && taskBytes(best.work.items) >= taskBytes(task.work.items)) continue;
      best = task;
    }
    if (best?.work.kind === "splits") {
      const fillCache = isOwner(draft, nodeId, best.work.items);
      launch(draft, fragmentId, { ...best, work: { ...best.work, nodeId, fillCache } }, nodeId, inputs);
    }
  }
};

export const isOwner = (
  draft: Draft,
  nodeId: NodeId,
  items: Extract<TaskWork, { kind: "splits" }>["items"],
): boolean => {
  const nodes = [...draft.nodes.values()];
  return items.every(({ split }) => ownersOf(splitKey(split), nodes).includes(nodeId));
};

/** Starts an attempt of a task, beside the one that runs if there is one. */
export const launch = (
  draft: Draft,
  fragmentId: number,
  task: Task,
  nodeId: NodeId,
  inputs: readonly InputRef[],
  work: TaskWork = task.work,
): void => {
  const attemptId = draft.nextAttempt++;
  const attempt = {
    attemptId,
    nodeId,
    startedAt: draft.now,
    lastHeardAt: draft.now,
    inputs,
    received: inputs.length === 0,
  };
  const others = task.status.kind === "running" ? task.status.attempts : [];
  replaceTask(draft, fragmentId, { ...task, status: { kind: "running", attempts: [...others, attempt] } });
  draft.used.add(nodeId);
  const { taskId } = task;
  draft.effects.push({ kind: "launch", nodeId, fragmentId, taskId, attemptId, work, inputs });
};
