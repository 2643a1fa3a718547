import type { Heap } from "../memory/heap.ts";
import { createHostArena, type HostArena } from "../memory/host-arena.ts";
import type { EncodedBatch } from "../results/encoded-batch.ts";
import { type ImportedVector, importEncoded } from "./import-encoded.ts";
import type { MemoryTableColumn } from "./memory-table.ts";
import type { MemoryScanPlan } from "./scan-plan.ts";
import { type Chunk, scanPlanOf } from "./snapshot.ts";

/**
 * Rows that come from elsewhere, in parcels that are taken whole or not at all; read by queries as any table in memory is. It has no
 * statistics, and nothing is ever appended to what is there.
 */
export interface ReceivedTable {
  readonly tableId: number;
  /** Rows of the parcels that were taken. */
  rowCount(): number;
  /** Bytes of memory held, parcels that are still open included. */
  byteSize(): number;
  parcel(): Parcel;
  snapshot(columnIndexes: readonly number[]): { readonly plan: MemoryScanPlan; readonly release: () => void };
  /** Frees the memory, as soon as no snapshot needs it. */
  drop(): void;
}

export interface Parcel {
  /** Adds rows, with the table's columns. Throws QueryError "io" if they are not such rows, "out-of-memory". */
  append(batch: EncodedBatch): void;
  /** Makes its rows the table's. */
  take(): void;
  /** Forgets its rows. */
  discard(): void;
}

export const createReceivedTable = (
  heap: Heap,
  tableId: number,
  name: string,
  columns: readonly MemoryTableColumn[],
): ReceivedTable => {
  const chunks: Chunk[] = [];
  const arenas = new Set<HostArena>();
  let readers = 0;
  let dropped = false;

  const free = (): void => {
    for (const arena of arenas) arena.free();
    arenas.clear();
    chunks.length = 0;
  };

  return {
    tableId,
    rowCount: () => chunks.reduce((sum, { rowCount }) => sum + rowCount, 0),
    byteSize: () => {
      let bytes = 0;
      for (const arena of arenas) bytes += arena.bytes();
      return bytes;
    },
    parcel: () => {
      const arena = createHostArena(heap, name);
      arenas.add(arena);
      const own: Chunk[] = [];
      return {
        append: ({ rowCount, columns: encoded }) => {
          if (rowCount === 0 || dropped) return;
          const staging = createHostArena(heap, name);
          try {
            const vectors = columns.map(
              (column, i): ImportedVector =>
                importEncoded({ heap, column, count: rowCount, keep: arena, staging }, encoded[i]!),
            );
            own.push({ rowCount, columns: vectors });
          } finally {
            staging.free();
          }
        },
        take: () => {
          if (!dropped) chunks.push(...own);
        },
        discard: () => {
          arenas.delete(arena);
          arena.free();
        },
      };
    },
    snapshot: (columnIndexes) => {
      readers++;
      let released = false;
      return {
        plan: scanPlanOf(chunks, columnIndexes),
        release: () => {
          if (released) return;
          released = true;
          readers--;
          if (dropped && readers === 0) free();
        },
      };
    },
    drop: () => {
      dropped = true;
      if (readers === 0) free();
    },
  };
};
