import { fileURLToPath } from "node:url";
import type { Piscina } from "piscina";
import { workerFile } from "../assets.ts";
import { kernelsModule } from "../kernels/load.ts";
import type { Heap } from "../memory/heap.ts";
import type { EncodedBatch } from "../results/encoded-batch.ts";
import type { QueryTask, TaskOutcome } from "../run/query-task.ts";
import { createTurns, type TaskRunner } from "../run/task-runner.ts";
import type { Feeds } from "../streams/create-feeds.ts";
import type { WorkerMessage, WorkerStart } from "./messages.ts";
import type { ReadServer } from "./read-server.ts";

export interface ThreadPool extends TaskRunner {
  /** Starts the workers, if they have not been: it takes about 0.1 s, in which the caller may do other things. */
  readonly warmUp: () => void;
  /** Ends the workers. Queries must have ended before. */
  readonly close: () => Promise<void>;
}

/** Who answers workers on the main thread, where it is not the one who runs the query. */
export interface PoolServices {
  readonly reads?: ReadServer;
  readonly feeds?: Feeds;
}

/**
 * Queries that may have threads beside the one whose turn it is, because they did not pause when asked to. Each costs `threads` workers
 * of about 10 MB.
 */
const SPARE_TURNS = 7;

/** How long workers stay that only such queries needed. */
const SPARE_IDLE_MS = 10_000;

/** `threads` workers over the heap's memory, started when first needed; idle ones do not keep the process alive. */
export const createThreadPool = (
  heap: Heap,
  threads: number,
  deliver: (queryId: number, batch: EncodedBatch) => void,
  entry = fileURLToPath(workerFile),
  { reads, feeds }: PoolServices = {},
): ThreadPool => {
  const takeTurn = createTurns(SPARE_TURNS);
  let pool: Promise<Piscina> | undefined;

  const start = async (): Promise<Piscina> => {
    const { Piscina } = await import("piscina");
    const started = new Piscina({
      filename: entry,
      minThreads: threads,
      maxThreads: threads * (1 + SPARE_TURNS),
      idleTimeout: SPARE_IDLE_MS,
      concurrentTasksPerWorker: 1,
      stricterFIFO: true,
      recordTiming: false,
      workerData: { memory: heap.memory.memory, kernels: kernelsModule() } satisfies WorkerStart,
    });
    started.on("message", (message: WorkerMessage) => {
      switch (message.kind) {
        case "batch":
          deliver(message.queryId, message.batch);
          return;
        case "attend":
          feeds?.attend(message.feedId);
          return;
        case "readLine":
          reads?.serve(message.port);
      }
    });
    // A worker that dies while idle: piscina has replaced it.
    started.on("error", () => undefined);
    return started;
  };
  const started = (): Promise<Piscina> => {
    pool ??= start();
    return pool;
  };

  return {
    threads,
    warmUp: () => {
      started().catch(() => undefined);
    },
    run: (tasks, { onCrash, onOthersWait }) =>
      takeTurn(async () => {
        const workers = await started();
        const runOne = async (task: QueryTask): Promise<TaskOutcome> => {
          try {
            return (await workers.run(task)) as TaskOutcome;
          } catch (error) {
            reads?.stop(task.queryId);
            onCrash();
            return crashed(error);
          }
        };
        return Promise.all(tasks.map(runOne));
      }, onOthersWait),
    close: async () => {
      const workers = await pool;
      pool = undefined;
      await workers?.destroy();
    },
  };
};

const crashed = (error: unknown): TaskOutcome => ({
  end: {
    kind: "failed",
    error: {
      code: undefined,
      message: `internal error: a worker thread died: ${error instanceof Error ? error.message : String(error)}`,
      hint: undefined,
      stack: error instanceof Error ? error.stack : undefined,
      operatorId: undefined,
    },
  },
  batches: 0,
  began: 0,
  ended: 0,
  spans: [],
  scans: [],
});
