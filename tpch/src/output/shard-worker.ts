import { parentPort, workerData } from "node:worker_threads";
import { TEXT_POOL_SIZE, writeTextPool } from "../generator/text-pool.ts";
import type { Shard } from "./shards.ts";
import { type ShardSettings, writeShard } from "./write-shard.ts";

/** What a worker is told: make the text pool, or write a shard with the pool another worker has made. */
export type ShardRequest =
  | { readonly kind: "pool" }
  | { readonly kind: "shard"; readonly shard: Shard; readonly pool: SharedArrayBuffer };

/** What a worker answers. `pool`, `done` and `failed` end a request. */
export type ShardReply =
  | { readonly kind: "pool"; readonly pool: SharedArrayBuffer }
  | { readonly kind: "rows"; readonly rowCount: number }
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly message: string };

async function serve(request: ShardRequest, reply: (message: ShardReply) => void): Promise<void> {
  try {
    if (request.kind === "pool") return reply({ kind: "pool", pool: writeTextPool() });
    const pool = new Uint8Array(request.pool, 0, TEXT_POOL_SIZE);
    await writeShard(workerData as ShardSettings, request.shard, pool, (rowCount) => reply({ kind: "rows", rowCount }));
    reply({ kind: "done" });
  } catch (error) {
    reply({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
  }
}

parentPort?.on("message", (request: ShardRequest) => {
  void serve(request, (message) => parentPort?.postMessage(message));
});
