import { assert } from "@headcut/plan";
import { runTask } from "./run-task.ts";
import { createTurns, type TaskRunner } from "./task-runner.ts";
import type { ThreadRuntime } from "./thread-runtime.ts";

/** How long the main thread computes before its event loop gets a turn. */
const BREATH_MS = 8;

/** Runs queries on the calling thread: for those that are over before workers would have started. */
export const createInlineRunner = (base: Omit<ThreadRuntime, "breathe">): TaskRunner => {
  const takeTurn = createTurns();
  let last = 0;
  const breathe = (): Promise<void> | undefined => {
    if (performance.now() - last < BREATH_MS) return undefined;
    return new Promise((resolve) => {
      setImmediate(() => {
        last = performance.now();
        resolve();
      });
    });
  };
  return {
    threads: 1,
    run: (tasks, { onOthersWait }) =>
      takeTurn(async () => {
        assert(tasks.length === 1, "the calling thread runs one task");
        last = performance.now();
        return [await runTask({ ...base, breathe }, tasks[0]!)];
      }, onOthersWait),
  };
};
