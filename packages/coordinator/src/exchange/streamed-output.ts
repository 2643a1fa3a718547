import { QueryError } from "@headcut/plan";
import type { IpcColumn } from "../ipc/ipc-column.ts";
import { sliceBatch } from "../ipc/slice-batch.ts";
import { batchBuffer } from "./batch-buffer.ts";
import { batchBytes } from "./batch-bytes.ts";
import type { KeptRows, StoredOutput } from "./output-store.ts";
import { packRows } from "./row-messages.ts";

/** An output of one partition that is read while it is made: who reads slowly slows down the scan. */
export interface StreamedOutput extends StoredOutput {
  /** No more rows; with an error, who reads gets it instead of the rows that wait. */
  end(error?: Error): void;
}

/** So many bytes are kept as those of any output are, and may be read again; of what follows, so many wait to be read, once. */
export const WINDOW_BYTES = 4 << 20;

/** `first` takes what the window holds; `onFull` is called once, when there is more: from then on it is to be read. */
export const streamedOutput = (
  first: StoredOutput,
  columns: readonly IpcColumn[],
  onFull: () => void,
): StreamedOutput => {
  const rest = batchBuffer(WINDOW_BYTES);
  let isFull = false;
  let passedBytes = 0;
  let taken = 0;
  let dropped = false;
  const checkKept = (): void => {
    if (dropped) throw new QueryError("io", "the output of a task was dropped");
  };

  async function* restRows(): AsyncGenerator<KeptRows, void, undefined> {
    if (!isFull) return;
    for (let position = 0; ; position++) {
      // Two readers would get a part each.
      if (position !== taken) throw new QueryError("io", "rows that are read once were read before");
      taken++;
      const batch = await rest.next();
      if (batch === undefined) return;
      yield { batch, bytes: batchBytes(batch) };
    }
  }

  return {
    append: async (partition, batch) => {
      checkKept();
      if (!isFull) {
        await first.append(partition, batch);
        if (first.bytes() < WINDOW_BYTES) return;
        isFull = true;
        onFull();
        return;
      }
      for (const slice of sliceBatch(batch, columns)) {
        const bytes = batchBytes(slice);
        passedBytes += bytes;
        await rest.push(slice, bytes);
        checkKept();
      }
    },
    end: rest.end,
    bytes: () => first.bytes() + passedBytes,
    async *messages(partition) {
      yield* first.messages(partition);
      for await (const { batch } of restRows()) yield packRows(batch, columns);
      checkKept();
    },
    async *rows(partition) {
      yield* first.rows(partition);
      yield* restRows();
      checkKept();
    },
    drop: async () => {
      dropped = true;
      rest.end(new QueryError("io", "the output of a task was dropped"));
      await first.drop();
    },
  };
};
