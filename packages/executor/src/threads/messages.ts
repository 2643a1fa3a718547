import type { MessagePort } from "node:worker_threads";
import type { EncodedBatch } from "../results/encoded-batch.ts";
import type { ErrorRecord } from "../run/query-task.ts";

/** What a worker is started with. */
export interface WorkerStart {
  readonly memory: WebAssembly.Memory;
  readonly kernels: WebAssembly.Module;
}

/** From a worker while it runs a task: rows, that a feed has something to do, or its line to the main thread's `ReadServer`. */
export type WorkerMessage =
  | { readonly kind: "batch"; readonly queryId: number; readonly batch: EncodedBatch }
  | { readonly kind: "attend"; readonly feedId: number }
  | { readonly kind: "readLine"; readonly port: MessagePort };

export type ToReadServer =
  | {
      readonly kind: "read";
      readonly id: number;
      readonly queryId: number;
      readonly path: string;
      readonly identity: string;
      readonly fillCache: boolean | undefined;
      /** Of each piece: its offset in the file, its address in the shared memory, its length. */
      readonly ranges: readonly number[];
    }
  | { readonly kind: "cancel"; readonly id: number };

/** The read has ended: nothing more is written for it. */
export interface FromReadServer {
  readonly id: number;
  readonly error?: ErrorRecord;
}
