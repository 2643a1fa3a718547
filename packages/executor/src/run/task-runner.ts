import type { QueryTask, TaskOutcome } from "./query-task.ts";

/** Runs the tasks of one query, one per thread, all at the same time. */
export interface TaskRunner {
  readonly threads: number;
  /** Waits for its turn: one query at a time has the threads. */
  readonly run: (tasks: readonly QueryTask[], events: TaskEvents) => Promise<TaskOutcome[]>;
}

export interface TaskEvents {
  /** A thread is lost: the others must be stopped, or they wait for it. Its outcome is "failed". */
  readonly onCrash: () => void;
  /** Other queries have been waiting for a while: the tasks should pause. */
  readonly onOthersWait: () => void;
}

/** How long a query may have the threads while others wait for them. */
const SLICE_MS = 50;

/** Turns taken in the order they were asked for. `onOthersWait` is called, again and again, during a turn that is long. */
export type TakeTurn = <T>(run: () => Promise<T>, onOthersWait: () => void) => Promise<T>;

export const createTurns = (): TakeTurn => {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return (run, onOthersWait) => {
    waiting++;
    const turn = last.then(async () => {
      waiting--;
      const timer = setInterval(() => {
        if (waiting > 0) onOthersWait();
      }, SLICE_MS);
      try {
        return await run();
      } finally {
        clearInterval(timer);
      }
    });
    last = turn.catch(() => undefined);
    return turn;
  };
};
