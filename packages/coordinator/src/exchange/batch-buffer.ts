import { createCondition, type EncodedBatch } from "@headcut/executor";

/** Rows between those who fetch them and the one who reads them, bounded. */
export interface BatchBuffer {
  /** Resolves when there is room for more, or nobody wants more. */
  push(batch: EncodedBatch, bytes: number): Promise<void>;
  /** No more rows; with an error, readers get it at once, and the rows that wait are forgotten. */
  end(error?: Error): void;
  /** Undefined at the end. */
  next(): Promise<EncodedBatch | undefined>;
}

export const batchBuffer = (maxBytes: number): BatchBuffer => {
  const waiting: { readonly batch: EncodedBatch; readonly bytes: number }[] = [];
  let held = 0;
  let ended = false;
  let failure: Error | undefined;
  const { changed, until } = createCondition();
  return {
    push: async (batch, bytes) => {
      if (ended) return;
      waiting.push({ batch, bytes });
      held += bytes;
      changed();
      await until(() => held < maxBytes || ended);
    },
    end: (error) => {
      if (ended) return;
      ended = true;
      failure = error;
      if (error !== undefined) waiting.length = 0;
      changed();
    },
    next: async () => {
      await until(() => ended || waiting.length > 0);
      const first = waiting.shift();
      if (first === undefined) {
        if (failure !== undefined) throw failure;
        return undefined;
      }
      held -= first.bytes;
      changed();
      return first.batch;
    },
  };
};
