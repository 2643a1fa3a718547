import { Worker } from "node:worker_threads";
import { shardWorkerFile } from "../assets.ts";
import type { ShardReply, ShardRequest } from "./shard-worker.ts";
import type { Shard } from "./shards.ts";
import type { ShardSettings } from "./write-shard.ts";

/** Sends a request and settles with the reply that ends it. */
function ask(
  worker: Worker,
  request: ShardRequest,
  onRows: (rowCount: number) => void,
): Promise<SharedArrayBuffer | undefined> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void) => {
      worker.off("message", onMessage).off("error", onError).off("exit", onExit);
      finish();
    };
    const onError = (error: Error) => settle(() => reject(error));
    const onExit = (code: number) => settle(() => reject(new Error(`A generator thread ended with code ${code}.`)));
    const onMessage = (reply: ShardReply) => {
      if (reply.kind === "rows") onRows(reply.rowCount);
      else if (reply.kind === "failed") settle(() => reject(new Error(reply.message)));
      else settle(() => resolve(reply.kind === "pool" ? reply.pool : undefined));
    };
    worker.on("message", onMessage).on("error", onError).on("exit", onExit);
    worker.postMessage(request);
  });
}

/**
 * Writes the shards on `threads` worker threads, each taking the next shard when it has finished one. The first
 * failure, or `signal`, stops all threads at once, which may leave temporary files.
 */
export async function writeShards(
  settings: ShardSettings,
  shards: readonly Shard[],
  threads: number,
  signal: AbortSignal | undefined,
  onRows: (shard: Shard, rowCount: number) => void,
): Promise<void> {
  const count = Math.min(threads, shards.length);
  const workers = Array.from(
    { length: count },
    () => new Worker(shardWorkerFile, { workerData: settings, execArgv: [] }),
  );
  const stop = () => Promise.all(workers.map((worker) => worker.terminate()));
  const onAbort = () => void stop();
  signal?.addEventListener("abort", onAbort, { once: true });
  const queue = shards.values();
  try {
    const pool = (await ask(workers[0]!, { kind: "pool" }, () => undefined))!;
    const drain = async (worker: Worker) => {
      for (const shard of queue)
        await ask(worker, { kind: "shard", shard, pool }, (rowCount) => onRows(shard, rowCount));
    };
    await Promise.all(workers.map(drain));
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", onAbort);
    await stop();
  }
}
