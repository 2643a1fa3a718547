import type { QueryTask, TaskOutcome } from "./query-task.ts";

/** Runs the tasks of one query, one per thread, all at the same time. */
export interface TaskRunner {
  readonly threads: number;
  /** Waits for its turn: one query at a time has the threads, unless one does not give them up. */
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

/** How long a query that was asked to pause may keep the next one waiting: far more than a morsel takes. */
const GRACE_MS = 150;

/**
 * Turns taken in the order they were asked for, one at a time. `onOthersWait` is called, again and again, during a turn that is
 * long; a turn that does not end then is overdue.
 */
export type TakeTurn = <T>(run: () => Promise<T>, onOthersWait: () => void) => Promise<T>;

/**
 * `spare`: overdue turns that do not keep others from theirs, because there are threads for so many more. A query looks up
 * only between morsels: one pair of rows among billions, or rows that nobody reads, may hold it up for long.
 */
export const createTurns = (spare = 0): TakeTurn => {
  const waiting: (() => void)[] = [];
  let taken = false;
  let overdueTurns = 0;
  const startNext = (): void => {
    const next = waiting.shift();
    if (next === undefined) taken = false;
    else next();
  };

  return async (run, onOthersWait) => {
    if (taken) await new Promise<void>((start) => waiting.push(start));
    taken = true;
    let overdue = false;
    let askedAt: number | undefined;
    const timer = setInterval(() => {
      if (waiting.length === 0) return;
      onOthersWait();
      askedAt ??= performance.now();
      if (overdue || overdueTurns >= spare || performance.now() - askedAt < GRACE_MS) return;
      overdue = true;
      overdueTurns++;
      startNext();
    }, SLICE_MS);
    try {
      return await run();
    } finally {
      clearInterval(timer);
      if (overdue) overdueTurns--;
      else startNext();
    }
  };
};
