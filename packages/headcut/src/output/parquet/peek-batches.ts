import type { RecordBatch } from "apache-arrow";

/** What is held back of a stream at most. */
const MAX_BYTES = 32 << 20;

/**
 * The first batches, of `rows` rows or what there is, and all batches, those among them. Throws what reading throws.
 */
export const peekBatches = async (
  batches: AsyncIterable<RecordBatch>,
  rows: number,
): Promise<{ readonly first: readonly RecordBatch[]; readonly all: AsyncGenerator<RecordBatch, void> }> => {
  const iterator = batches[Symbol.asyncIterator]();
  const first: RecordBatch[] = [];
  let isEnd = false;
  let rowCount = 0;
  let byteLength = 0;
  while (rowCount < rows && byteLength < MAX_BYTES) {
    const next = await iterator.next();
    if (next.done === true) {
      isEnd = true;
      break;
    }
    first.push(next.value);
    rowCount += next.value.numRows;
    byteLength += next.value.data.byteLength;
  }
  async function* all(): AsyncGenerator<RecordBatch, void> {
    try {
      yield* first;
      while (!isEnd) {
        const next = await iterator.next();
        if (next.done === true) isEnd = true;
        else yield next.value;
      }
    } finally {
      if (!isEnd) await iterator.return?.();
    }
  }
  return { first, all: all() };
};
