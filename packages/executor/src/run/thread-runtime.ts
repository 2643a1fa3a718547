import type { PieceReader } from "../io/byte-source.ts";
import type { OpenOptions } from "../io/files.ts";
import type { Heap } from "../memory/heap.ts";
import type { EncodedBatch } from "../results/encoded-batch.ts";
import type { InstanceCache } from "./instance-cache.ts";

/** What lives as long as a thread of the engine and serves all its tasks. */
export interface ThreadRuntime {
  readonly heap: Heap;
  readonly instances: InstanceCache;
  /** Hands a result batch to the main thread; its buffers are given away. */
  readonly post: (queryId: number, batch: EncodedBatch) => void;
  /** Tells the main thread that a batch of a stream is used up (streams/create-feeds.ts). */
  readonly attend?: (feedId: number) => void;
  /** Absent: all files are local. */
  readonly openFar?: OpenFar;
  /** Only on the main thread: lets its event loop turn when it is due, so that a query can be cancelled. */
  readonly breathe?: () => Promise<void> | undefined;
}

/** How a thread gets at files that are far away. */
export type OpenFar = (path: string, identity: string, options: FarOptions) => PieceReader;

export interface FarOptions extends OpenOptions {
  readonly queryId: number;
}
