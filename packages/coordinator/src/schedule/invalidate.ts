import { neededFragments } from "./demand.ts";
import { type Draft, dropAttempts, fragmentOf, isCurrent, replaceTask, stop, waiting } from "./draft.ts";
import type { InputRef, Task } from "./query-state.ts";

/**
 * Makes tasks wait again whose output is lost and needed, and those that read, or would have to read, an output that does not
 * count any more. All consumers of a task must have read the same attempt of it, unless any other attempt gives each of
 * them the same rows.
 */
export const invalidateLost = (draft: Draft): void => {
  // Each round makes at least one done or running task wait, so there are at most as many rounds as tasks.
  while (invalidateOnce(draft)) {}
};

const invalidateOnce = (draft: Draft): boolean => {
  let changed = false;
  const needed = neededFragments(draft);
  for (const [fragmentId, tasks] of draft.tasks.entries()) {
    if (!needed[fragmentId]) continue;
    for (const task of tasks?.slice() ?? []) {
      const next = revised(draft, task);
      if (next === task) continue;
      replaceTask(draft, fragmentId, next);
      changed = true;
    }
  }
  return changed;
};

const revised = (draft: Draft, task: Task): Task => {
  const { status } = task;
  switch (status.kind) {
    case "waiting":
      return task;
    case "running":
      return dropAttempts(
        draft,
        task,
        ({ nodeId, inputs, received }) =>
          !draft.nodes.has(nodeId) || inputs.some((input) => spoils(draft, input, received)),
      );
    case "done": {
      const lost = !draft.nodes.has(status.nodeId);
      if (!lost && !status.inputs.some((input) => spoils(draft, input, true))) return task;
      stop(draft, status);
      return { ...task, status: waiting(draft.now) };
    }
  }
};

/** Whether what has become of an input makes it wrong, or impossible, to go on with it. */
const spoils = (draft: Draft, input: InputRef, received: boolean): boolean => {
  if (isCurrent(draft, input)) return false;
  if (!received) return true;
  // Lost after it was read, and not made again: nobody else has read another.
  if (isStillChosen(draft, input)) return false;
  return !isStable(draft, input.fragmentId);
};

const isStillChosen = (draft: Draft, { fragmentId, taskId, attemptId }: InputRef): boolean => {
  const task = draft.tasks[fragmentId]?.find((candidate) => candidate.taskId === taskId);
  return task?.status.kind === "done" && task.status.attemptId === attemptId;
};

/** Making the fragment's output again, from whatever is made again below it, gives everyone the same rows. */
const isStable = (draft: Draft, fragmentId: number): boolean => {
  const { repeatable, inputs } = fragmentOf(draft, fragmentId);
  return repeatable && inputs.every((input) => isStable(draft, input));
};
