import { assignSplits, noOwner } from "../placement/assign.ts";
import type { NodeId } from "../placement/cluster-node.ts";
import { type Draft, fragmentOf, waiting } from "./draft.ts";
import type { ScanSplit } from "./query-spec.ts";
import type { QueryFailure, SchedulerNode, Task, TaskWork } from "./query-state.ts";

export const canRead = ({ split: { reach } }: ScanSplit, nodeId: NodeId): boolean =>
  reach.kind === "anywhere" || reach.by.includes(nodeId);

const newTask = (draft: Draft, work: TaskWork, from: Pick<Task, "failures" | "avoid" | "status">): Task => ({
  ...from,
  taskId: draft.nextTask++,
  work,
});

/** The first tasks of a fragment. */
export const firstTasks = (draft: Draft, fragmentId: number): Task[] => {
  const { work } = fragmentOf(draft, fragmentId);
  const fresh = { failures: 0, avoid: [], status: waiting(draft.now) };
  switch (work.kind) {
    case "coordinator":
      return [newTask(draft, { kind: "coordinator" }, fresh)];
    case "partitions":
      return Array.from({ length: work.count }, (_, index) => newTask(draft, { kind: "partition", index }, fresh));
    case "splits":
      return splitTasks(draft, work.items, fresh);
  }
};

/** Tasks for these splits on the nodes there are now; they take over what is known of the task they come from. */
export const splitTasks = (
  draft: Draft,
  items: readonly ScanSplit[],
  from: Pick<Task, "failures" | "avoid" | "status">,
): Task[] => {
  const all = [...draft.nodes.values()];
  const isUp = ({ draining }: SchedulerNode): boolean => !draining;
  const unspoilt = all.filter(({ nodeId }) => !from.avoid.includes(nodeId));
  const forgiven = { ...from, avoid: [] };
  const tasks: Task[] = [];
  let left = items;
  // Draining nodes get what nobody else can read; nodes that failed, what only they can.
  for (const [nodes, base] of [
    [unspoilt.filter(isUp), from],
    [unspoilt, from],
    [all.filter(isUp), forgiven],
    [all, forgiven],
  ] as const) {
    const readable = left.filter((item) => nodes.some(({ nodeId }) => canRead(item, nodeId)));
    left = left.filter((item) => !readable.includes(item));
    tasks.push(...assignedTasks(draft, readable, nodes, base));
  }
  if (left.length > 0) {
    tasks.push(newTask(draft, { kind: "splits", items: left, nodeId: undefined, fillCache: true }, forgiven));
  }
  return tasks;
};

const assignedTasks = (
  draft: Draft,
  items: readonly ScanSplit[],
  nodes: readonly SchedulerNode[],
  from: Pick<Task, "failures" | "avoid" | "status">,
): Task[] => {
  const bySplit = new Map(items.map((item) => [item.split, item]));
  const groups = new Map<string, { nodeId: NodeId; fillCache: boolean; items: ScanSplit[] }>();
  const options = { backlogBytes: backlog(draft) };
  for (const { split, nodeId, fillCache } of assignSplits([...bySplit.keys()], nodes, options)) {
    const key = `${fillCache} ${nodeId}`;
    const group = groups.get(key) ?? { nodeId, fillCache, items: [] };
    group.items.push(bySplit.get(split)!);
    groups.set(key, group);
  }
  return [...groups.values()].flatMap(({ nodeId, fillCache, items: own }) =>
    parts(own, draft.spec.options.tasksPerNode).map((part) =>
      newTask(draft, { kind: "splits", items: part, nodeId, fillCache }, from),
    ),
  );
};

/** Bytes that nodes have been given and have not done. */
const backlog = (draft: Draft): ReadonlyMap<NodeId, number> => {
  const bytes = new Map<NodeId, number>();
  for (const { work, status } of draft.tasks.flatMap((tasks) => tasks ?? [])) {
    if (work.kind !== "splits" || work.nodeId === undefined || status.kind === "done") continue;
    bytes.set(work.nodeId, (bytes.get(work.nodeId) ?? 0) + taskBytes(work.items));
  }
  return bytes;
};

export const taskBytes = (items: readonly ScanSplit[]): number =>
  items.reduce((sum, { split }) => sum + split.byteLength, 0);

/** At most `count` lists of about as many bytes each. */
const parts = (items: readonly ScanSplit[], count: number): readonly ScanSplit[][] => {
  const target = taskBytes(items) / count;
  const made: ScanSplit[][] = [[]];
  let filled = 0;
  for (const item of items) {
    if (filled >= target * made.length && made.length < count && made.at(-1)!.length > 0) made.push([]);
    made.at(-1)!.push(item);
    filled += item.split.byteLength;
  }
  return made;
};

/** Nobody can read one of these splits. */
export const noOwnerFailure = (items: readonly ScanSplit[]): QueryFailure => {
  const { code, message, hint } = noOwner(items[0]!.split);
  return hint === undefined ? { code, message } : { code, message, hint };
};
