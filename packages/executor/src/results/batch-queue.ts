import { createCondition } from "../condition.ts";
import { createBreathe } from "../io/breath.ts";
import { HIGH_BYTES, LOW_BYTES } from "../run/control-block.ts";
import { batchBytes, type EncodedBatch } from "./encoded-batch.ts";

/** Batches between the threads that make them and the caller who reads them. */
export interface BatchQueue {
  readonly push: (batch: EncodedBatch) => void;
  /** No batch will follow; with an error, the reader gets it after the batches. */
  readonly end: (error?: Error) => void;
  /** Undefined at the end. Throws the error the queue ended with, every time. */
  readonly next: () => Promise<EncodedBatch | undefined>;
  /** Batches pushed so far. */
  readonly pushed: () => number;
  readonly isFull: () => boolean;
  /** Resolves when so much was read that new batches are welcome, or the queue ended. */
  readonly drained: () => Promise<void>;
  /** Resolves when `count` batches were pushed, or the queue ended. */
  readonly received: (count: number) => Promise<void>;
  /** Nothing is given to the reader yet, unless it becomes too much to keep; at the end all of it is. */
  readonly hold: () => void;
  /** No longer. */
  readonly letGo: () => void;
  /** Takes back all that was pushed, if the reader has got nothing. */
  readonly takeBack: () => boolean;
  /** Forgets what was not read; later batches too. */
  readonly discard: () => void;
}

/** Below what makes threads pause. */
const HELD_BYTES = LOW_BYTES;

/** `onRead` is called for each batch that is taken, with its bytes. */
export const createBatchQueue = (onRead: (bytes: number) => void): BatchQueue => {
  const batches: EncodedBatch[] = [];
  let [unreadBytes, pushed] = [0, 0];
  let [ended, discarded, holding] = [false, false, false];
  let error: Error | undefined;
  // Batches that wait here are read without the event loop: it would not turn until all of them are.
  const breathe = createBreathe();
  const { changed, until } = createCondition();

  return {
    push: (batch) => {
      pushed++;
      if (!discarded) {
        batches.push(batch);
        unreadBytes += batchBytes(batch);
      }
      if (unreadBytes > HELD_BYTES) holding = false;
      changed();
    },
    end: (reason) => {
      ended = true;
      holding = false;
      error = reason;
      changed();
    },
    next: async () => {
      await breathe();
      await until(() => (batches.length > 0 && !holding) || ended);
      const batch = batches.shift();
      if (batch === undefined) {
        if (error !== undefined) throw error;
        return undefined;
      }
      const bytes = batchBytes(batch);
      unreadBytes -= bytes;
      onRead(bytes);
      changed();
      return batch;
    },
    pushed: () => pushed,
    isFull: () => unreadBytes > HIGH_BYTES,
    drained: () => until(() => unreadBytes <= LOW_BYTES || ended || discarded),
    received: (count) => until(() => pushed >= count || ended),
    hold: () => {
      holding = true;
    },
    letGo: () => {
      holding = false;
      changed();
    },
    takeBack: () => {
      if (pushed > 0 && !holding) return false;
      batches.length = 0;
      [unreadBytes, pushed] = [0, 0];
      return true;
    },
    discard: () => {
      discarded = true;
      batches.length = 0;
      unreadBytes = 0;
      changed();
    },
  };
};
