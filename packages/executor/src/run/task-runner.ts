import type { QueryTask, TaskOutcome } from "./query-task.ts";

/** Runs the tasks of one query, one per thread, all at the same time. */
export interface TaskRunner {
  readonly threads: number;
  /**
   * Waits for its turn: one query at a time has the threads. `onCrash` is called as soon as a thread is lost, for the
   * others to be stopped; its outcome is then "failed".
   */
  readonly run: (tasks: readonly QueryTask[], onCrash: () => void) => Promise<TaskOutcome[]>;
  /** Queries that wait for their turn. */
  readonly waiting: () => number;
}

/** Turns taken in the order they were asked for. */
export const createTurns = (): {
  readonly take: <T>(run: () => Promise<T>) => Promise<T>;
  readonly waiting: () => number;
} => {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return {
    take: (run) => {
      waiting++;
      const turn = last.then(() => {
        waiting--;
        return run();
      });
      last = turn.catch(() => undefined);
      return turn;
    },
    waiting: () => waiting,
  };
};
