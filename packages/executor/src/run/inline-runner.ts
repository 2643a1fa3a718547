import { assert } from "@headcut/plan";
import { createBreathe } from "../io/breath.ts";
import { runTask } from "./run-task.ts";
import { createTurns, type TaskRunner } from "./task-runner.ts";
import type { ThreadRuntime } from "./thread-runtime.ts";

/** Runs queries on the calling thread: for those that are over before workers would have started. */
export const createInlineRunner = (base: Omit<ThreadRuntime, "breathe">): TaskRunner => {
  const takeTurn = createTurns();
  return {
    threads: 1,
    run: (tasks, { onOthersWait }) =>
      takeTurn(async () => {
        assert(tasks.length === 1, "the calling thread runs one task");
        return [await runTask({ ...base, breathe: createBreathe() }, tasks[0]!)];
      }, onOthersWait),
  };
};
