import { type DataType, QueryError } from "@headcut/plan";
import { COLUMN_ENTRY_BYTES, columnEntry } from "../layout/batch.ts";
import { storageLayout, storageOf } from "../layout/storage.ts";
import type { Heap } from "../memory/heap.ts";
import type { ScanCursor } from "../run/scan-cursor.ts";
import { mergeCursor } from "../spill/merge-blocks.ts";
import type { Mailbox } from "./mailbox.ts";

/** Before a batch of a run: u32, address of the run's cursor in the merging. */
export const RUN_HEADER_BYTES = 16;

/**
 * Batches of runs that are merged, each of as many rows as the run's block has room for. Morsels are runs, which are locked and have rows. `cursors`: address of
 * the merging's (spill/merge-blocks.ts). Throws QueryError "out-of-memory".
 */
export const openRunsCursor = (
  { memory, kernels }: Heap,
  query: number,
  mailbox: Mailbox,
  cursors: number,
  columns: readonly { readonly type: DataType }[],
): ScanCursor => {
  const { u32 } = memory;
  const widths = columns.map(({ type }) => storageLayout[storageOf(type)].bytes);
  const bytes = RUN_HEADER_BYTES + columns.length * COLUMN_ENTRY_BYTES;
  const slab = kernels.slabAllocate(query, bytes) >>> 0;
  if (slab === 0) throw new QueryError("out-of-memory", "no memory for the batches of a merge");
  memory.bytes.fill(0, slab, slab + bytes);
  let run = 0;
  let fresh = false;
  const cursor = {
    batch: slab + RUN_HEADER_BYTES,
    selection: 0,
    count: 0,
    metrics: { rowsRead: 0, bytesRead: 0, pagesRead: 0, pagesPruned: 0, cacheHits: 0, cacheMisses: 0 },
    start: (morsel: number): void => {
      run = morsel;
      fresh = true;
      const own = cursors + run * mergeCursor.bytes;
      u32[slab >>> 2] = own;
      const slot = mailbox.next(run)!;
      const row = mailbox.rowsRead(run);
      cursor.count = Math.min(mailbox.rows(slot) - row, u32[(own + mergeCursor.most) >>> 2]!);
      cursor.metrics.rowsRead += cursor.count;
      for (let i = 0; i < widths.length; i++) {
        const entry = (cursor.batch + i * COLUMN_ENTRY_BYTES) >>> 2;
        const valid = mailbox.valid(slot, i);
        u32[entry + columnEntry.values / 4] = mailbox.values(slot, i) + row * widths[i]!;
        u32[entry + columnEntry.valid / 4] = valid === 0 ? 0 : valid + row;
      }
      mailbox.setRowsRead(run, row + cursor.count);
    },
    next: (): boolean => {
      if (!fresh) {
        mailbox.unlock(run);
        return false;
      }
      fresh = false;
      return true;
    },
    close: (): void => kernels.slabFree(query, slab),
  };
  return cursor;
};
