import type { BatchQueue } from "../results/batch-queue.ts";
import type { Control } from "./control-block.ts";
import type { ErrorRecord, Position, QueryTask, TaskOutcome } from "./query-task.ts";
import type { TaskRunner } from "./task-runner.ts";

/** Where a query's rows come from and go to. */
export interface RunEnds {
  readonly queue: BatchQueue;
  /** Resolves when rows are there that threads have to have, or when none will come. */
  readonly inputsReady: () => Promise<void>;
}

/** Sends the tasks again after each pause, until the query is done. Throws what the first thread failed with. */
export const runToEnd = async (
  runner: TaskRunner,
  taskOf: (thread: number, from: Position) => QueryTask,
  control: Control,
  { queue, inputsReady }: RunEnds,
  errorOf: (record: ErrorRecord | undefined) => Error,
): Promise<TaskOutcome[]> => {
  const all: TaskOutcome[] = [];
  const onCrash = (): void => {
    // Before the other threads notice and call their own end the failure.
    control.fail(runner.threads);
    control.stop();
  };
  let positions: Position[] = Array.from({ length: runner.threads }, () => ({ step: 0, atBarrier: false }));
  for (;;) {
    await keepingAlive(inputsReady);
    const outcomes = await keepingAlive(async () => {
      const ended = await runner.run(
        positions.map((from, thread) => taskOf(thread, from)),
        { onCrash, onOthersWait: control.pause },
      );
      all.push(...ended);
      await queue.received(all.reduce((sum, { batches }) => sum + batches, 0));
      return ended;
    });
    let failure: ErrorRecord | undefined;
    for (const { end } of outcomes) if (end.kind === "failed") failure ??= end.error;
    if (failure !== undefined || control.stopped()) throw errorOf(failure);
    if (outcomes.every(({ end }) => end.kind === "done")) return all;
    positions = outcomes.map(({ end }, thread) => {
      if (end.kind === "paused") return end.at;
      throw new Error(`internal error: thread ${thread} is ${end.kind} while others wait`);
    });
    if (queue.isFull()) await queue.drained();
    control.resume();
  }
};

/** Workers do not keep the process alive, so that idle ones never do: what waits for them has to. */
const keepingAlive = async <T>(wait: () => Promise<T>): Promise<T> => {
  const timer = setInterval(() => undefined, 60_000);
  try {
    return await wait();
  } finally {
    clearInterval(timer);
  }
};
