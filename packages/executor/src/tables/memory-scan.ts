import { type DataType, QueryError } from "@headcut/plan";
import { BATCH_ROWS, COLUMN_ENTRY_BYTES, columnEntry } from "../layout/batch.ts";
import { storageLayout, storageOf } from "../layout/storage.ts";
import type { Heap } from "../memory/heap.ts";
import type { ScanCursor, ScanFilterFunction } from "../run/scan-cursor.ts";
import type { MemoryScanPlan } from "./scan-plan.ts";

/** Rows of vectors in memory, by morsel. */
export interface MemoryMorsels {
  locate(morsel: number): {
    readonly columns: MemoryScanPlan["chunks"][number]["columns"];
    readonly firstRow: number;
    readonly rowCount: number;
  };
  /** Nobody looks at the morsel's vectors any more. */
  readonly finish?: (morsel: number) => void;
}

export const morselsOf = ({ chunks, morsels }: MemoryScanPlan): MemoryMorsels => ({
  locate: (morsel) => {
    const { chunk, firstRow, rowCount } = morsels[morsel]!;
    return { columns: chunks[chunk]!.columns, firstRow, rowCount };
  },
});

/**
 * Batches that point straight into the table's vectors. `query` is charged for the entries and selections. Throws
 * QueryError "out-of-memory".
 */
export const openMemoryScan = (
  { memory, kernels }: Heap,
  query: number,
  { locate, finish }: MemoryMorsels,
  columns: readonly { readonly type: DataType }[],
  filters: readonly ScanFilterFunction[],
): ScanCursor => {
  const widths = columns.map(({ type }) => storageLayout[storageOf(type)].bytes);
  const entryBytes = Math.max(16, columns.length * COLUMN_ENTRY_BYTES);
  const slab = kernels.slabAllocate(query, entryBytes + 2 * 4 * BATCH_ROWS) >>> 0;
  if (slab === 0) throw new QueryError("out-of-memory", "no memory for a scan's batches");
  memory.bytes.fill(0, slab, slab + entryBytes);
  const selections = [slab + entryBytes, slab + entryBytes + 4 * BATCH_ROWS];
  let vectors: MemoryScanPlan["chunks"][number]["columns"] = [];
  let current = 0;
  let row = 0;
  let end = 0;

  const point = (): void => {
    for (let i = 0; i < vectors.length; i++) {
      const entry = (slab + i * COLUMN_ENTRY_BYTES) >>> 2;
      const { values, valid } = vectors[i]!;
      memory.u32[entry + columnEntry.values / 4] = values + row * widths[i]!;
      memory.u32[entry + columnEntry.valid / 4] = valid === 0 ? 0 : valid + row;
    }
  };

  const cursor = {
    batch: slab,
    selection: 0,
    count: 0,
    metrics: { rowsRead: 0, bytesRead: 0, pagesRead: 0, pagesPruned: 0, cacheHits: 0, cacheMisses: 0 },
    start: (morsel: number): void => {
      const { columns: all, firstRow, rowCount } = locate(morsel);
      vectors = all;
      current = morsel;
      row = firstRow;
      end = firstRow + rowCount;
      for (const { runtime } of filters) if (runtime?.begin(undefined) === false) row = end;
    },
    next: (): boolean => {
      if (row >= end) {
        finish?.(current);
        return false;
      }
      point();
      cursor.selection = 0;
      cursor.count = Math.min(BATCH_ROWS, end - row);
      cursor.metrics.rowsRead += cursor.count;
      row += cursor.count;
      for (let i = 0; i < filters.length && cursor.count > 0; i++) {
        const { run, runtime } = filters[i]!;
        if (runtime?.isOn() === false) continue;
        const out = selections[cursor.selection === selections[0] ? 1 : 0]!;
        const passed = run(slab, cursor.selection, cursor.count, out);
        runtime?.observe(cursor.count, passed);
        cursor.count = passed;
        cursor.selection = out;
      }
      return true;
    },
    close: (): void => kernels.slabFree(query, slab),
  };
  return cursor;
};
