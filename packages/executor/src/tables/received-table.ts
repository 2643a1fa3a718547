import { QueryError } from "@headcut/plan";
import type { Heap } from "../memory/heap.ts";
import { createHostArena } from "../memory/host-arena.ts";
import type { EncodedBatch } from "../results/encoded-batch.ts";
import { type ImportedVector, importEncoded } from "./import-encoded.ts";
import type { MemoryTableColumn } from "./memory-table.ts";
import { countReaders } from "./readers.ts";
import type { MemoryScanPlan } from "./scan-plan.ts";
import { type Chunk, scanPlanOf } from "./snapshot.ts";

/** Rows that come from elsewhere, batch by batch; read by queries as any table in memory is. It has no statistics. */
export interface ReceivedTable {
  readonly tableId: number;
  rowCount(): number;
  /** Bytes of memory it holds. */
  byteSize(): number;
  /**
   * Adds rows with the table's columns; once it has thrown, the table is of no use. QueryError "io" if they are no such rows,
   * "out-of-memory", "unknown-table" once it is dropped.
   */
  append(batch: EncodedBatch): void;
  snapshot(columnIndexes: readonly number[]): { readonly plan: MemoryScanPlan; readonly release: () => void };
  /** Frees the memory, as soon as no snapshot needs it. */
  drop(): void;
}

export const createReceivedTable = (
  heap: Heap,
  tableId: number,
  name: string,
  columns: readonly MemoryTableColumn[],
): ReceivedTable => {
  const chunks: Chunk[] = [];
  const arena = createHostArena(heap, name);

  const free = (): void => {
    arena.free();
    chunks.length = 0;
  };
  const readers = countReaders(free);

  return {
    tableId,
    rowCount: () => chunks.reduce((sum, { rowCount }) => sum + rowCount, 0),
    byteSize: () => arena.bytes(),
    append: ({ rowCount, columns: encoded }) => {
      if (readers.isDropped()) throw new QueryError("unknown-table", `table ${name} no longer exists`);
      if (rowCount === 0) return;
      const staging = createHostArena(heap, name);
      try {
        const vectors = columns.map(
          (column, i): ImportedVector =>
            importEncoded({ heap, column, count: rowCount, keep: arena, staging }, encoded[i]!),
        );
        chunks.push({ rowCount, columns: vectors });
      } finally {
        staging.free();
      }
    },
    snapshot: (columnIndexes) => ({ plan: scanPlanOf(chunks, columnIndexes), release: readers.enter() }),
    drop: readers.drop,
  };
};
