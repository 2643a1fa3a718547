import { QueryError } from "@headcut/plan";
import { arenaBlock, queryBlock } from "../layout/context.ts";
import { RESULT_COLUMN_BYTES, resultBuffer, resultColumn } from "../layout/result-buffer.ts";
import { storageLayout, storageOf } from "../layout/storage.ts";
import type { Heap } from "../memory/heap.ts";
import { encodeColumn } from "./encode-column.ts";
import type { EncodedBatch } from "./encoded-batch.ts";
import type { ResultColumn } from "./result-layout.ts";

/** Takes the rows of one thread's result buffer away. */
export interface ResultWriter {
  /** After each call of compiled code: copies strings that the next batch would destroy, or hands all rows out. */
  readonly keepStrings: () => void;
  /** Makes a batch of the rows there are, if any, and empties the buffer. Throws QueryError "out-of-memory". */
  readonly emit: () => void;
}

/** A batch with strings of more than this share of the query's memory is not made longer: they are copied once more when it is handed out. */
const STRINGS_SHARE = 1 / 32;

/** `buffer`: address of the result buffer; `strings`: of an arena for the bytes of its strings. */
export const createResultWriter = (
  heap: Heap,
  query: number,
  buffer: number,
  strings: number,
  columns: readonly ResultColumn[],
  post: (batch: EncodedBatch) => void,
): ResultWriter => {
  const { memory, kernels } = heap;
  const rowCountWord = (buffer + resultBuffer.rowCount) >>> 2;
  const stableWord = (buffer + resultBuffer.stableRows) >>> 2;
  const vectors = columns.map(({ type }, i) => {
    const entry = (buffer + resultBuffer.columns + i * RESULT_COLUMN_BYTES) >>> 2;
    return {
      type,
      width: storageLayout[storageOf(type)].bytes,
      values: memory.u32[entry + resultColumn.values / 4]!,
      valid: memory.u32[entry + resultColumn.valid / 4]!,
    };
  });
  const stringColumns = vectors.filter(({ type }) => storageOf(type) === "string");

  const mostBytes = Number(memory.u64[(query + queryBlock.limitBytes) >>> 3]!) * STRINGS_SHARE;
  let newest = 0;
  /** Of the arena with the strings' bytes: looked at again when it has grown. */
  const isLong = (): boolean => {
    const slab = memory.u32[(strings + arenaBlock.slab) >>> 2]!;
    if (slab === newest) return false;
    newest = slab;
    let bytes = 0;
    for (let one = slab; one !== 0; one = memory.u32[one >>> 2]!) bytes += memory.u32[(one >>> 2) + 1]!;
    return bytes > mostBytes;
  };

  /** As one batch, or as several where there is no memory for one. */
  const emitRows = (first: number, count: number): void => {
    let batch: EncodedBatch;
    try {
      batch = {
        rowCount: count,
        columns: vectors.map(({ type, width, values, valid }) =>
          encodeColumn(heap, query, {
            type,
            values: values + first * width,
            valid: valid === 0 ? 0 : valid + first,
            count,
          }),
        ),
      };
    } catch (error) {
      if (count === 1 || !(error instanceof QueryError) || error.code !== "out-of-memory") throw error;
      const half = count >>> 1;
      emitRows(first, half);
      emitRows(first + half, count - half);
      return;
    }
    post(batch);
  };

  const emit = (): void => {
    const rowCount = memory.u32[rowCountWord]!;
    if (rowCount === 0) return;
    emitRows(0, rowCount);
    memory.u32[rowCountWord] = 0;
    memory.u32[stableWord] = 0;
    kernels.arenaReset(strings);
  };

  return {
    keepStrings: () => {
      const rows = memory.u32[rowCountWord]!;
      const stable = memory.u32[stableWord]!;
      if (rows === stable) return;
      const before = kernels.chargeTo(0);
      for (const { values, valid } of stringColumns) {
        // They are still where they were made: there is no need for a copy if they go now.
        if (kernels.keepStrings(values, valid, stable, rows, strings) === 0) {
          kernels.chargeTo(before);
          emit();
          return;
        }
      }
      kernels.chargeTo(before);
      memory.u32[stableWord] = rows;
      if (isLong()) emit();
    },
    emit,
  };
};
