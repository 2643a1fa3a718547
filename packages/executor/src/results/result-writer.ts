import { QueryError } from "@headcut/plan";
import { RESULT_COLUMN_BYTES, resultBuffer, resultColumn } from "../layout/result-buffer.ts";
import { storageOf } from "../layout/storage.ts";
import type { Heap } from "../memory/heap.ts";
import { encodeColumn } from "./encode-column.ts";
import type { EncodedBatch } from "./encoded-batch.ts";
import type { ResultColumn } from "./result-layout.ts";

/** Takes the rows of one thread's result buffer away. */
export interface ResultWriter {
  /** After each call of compiled code: copies strings that the next batch would destroy. Throws QueryError "out-of-memory". */
  readonly keepStrings: () => void;
  /** Makes a batch of the rows there are, if any, and empties the buffer. */
  readonly emit: () => void;
}

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
  const addresses = columns.map((_, i) => {
    const entry = (buffer + resultBuffer.columns + i * RESULT_COLUMN_BYTES) >>> 2;
    return { values: memory.u32[entry + resultColumn.values / 4]!, valid: memory.u32[entry + resultColumn.valid / 4]! };
  });
  const stringColumns = columns.flatMap(({ type }, i) => (storageOf(type) === "string" ? [addresses[i]!] : []));

  return {
    keepStrings: () => {
      const rows = memory.u32[rowCountWord]!;
      const stable = memory.u32[stableWord]!;
      if (rows === stable) return;
      for (const { values, valid } of stringColumns) {
        if (kernels.keepStrings(values, valid, stable, rows, strings) === 0) {
          throw new QueryError("out-of-memory", "strings of the result need more memory than the query may use");
        }
      }
      memory.u32[stableWord] = rows;
    },
    emit: () => {
      const rowCount = memory.u32[rowCountWord]!;
      if (rowCount === 0) return;
      post({
        rowCount,
        columns: columns.map(({ type }, i) => encodeColumn(heap, query, { type, ...addresses[i]!, count: rowCount })),
      });
      memory.u32[rowCountWord] = 0;
      memory.u32[stableWord] = 0;
      kernels.arenaReset(strings);
    },
  };
};
