import { type Draft, fragmentOf } from "./draft.ts";
import type { InputRef, Task } from "./query-state.ts";

const needsInputs = ({ status }: Task): boolean =>
  status.kind === "waiting" || (status.kind === "running" && status.attempts.some(({ received }) => !received));

/**
 * By fragment: whether its output is still to be read by someone. The root's is; another's is if its consumer is
 * needed and has a task that has not received its inputs. What is not needed is not made again when it is lost.
 */
export const neededFragments = (draft: Draft): readonly boolean[] => {
  const needed = draft.spec.fragments.map((_, fragmentId) => fragmentId === 0);
  // Consumers have lesser ids than their inputs.
  for (const [fragmentId, { inputs }] of draft.spec.fragments.entries()) {
    const tasks = draft.tasks[fragmentId];
    if (!needed[fragmentId] || (tasks !== undefined && !tasks.some(needsInputs))) continue;
    for (const input of inputs) needed[input] = true;
  }
  return needed;
};

/** The outputs a fragment's tasks read; undefined while one of them is not there. */
export const readyInputs = (draft: Draft, fragmentId: number): readonly InputRef[] | undefined => {
  const refs: InputRef[] = [];
  for (const input of fragmentOf(draft, fragmentId).inputs) {
    const tasks = draft.tasks[input];
    if (tasks === undefined) return undefined;
    for (const { taskId, status } of tasks) {
      if (status.kind !== "done" || !draft.nodes.has(status.nodeId)) return undefined;
      refs.push({ fragmentId: input, taskId, attemptId: status.attemptId, nodeId: status.nodeId });
    }
  }
  return refs;
};
