import type { EncodedBatch } from "../results/encoded-batch.ts";

/** What a worker is started with. */
export interface WorkerStart {
  readonly memory: WebAssembly.Memory;
  readonly kernels: WebAssembly.Module;
}

/** From a worker while it runs a task. */
export interface BatchMessage {
  readonly queryId: number;
  readonly batch: EncodedBatch;
}
