import type { SharedMemory } from "../memory/shared-memory.ts";
import { rowListHead, rowSegment } from "../pipelines/row-list.ts";
import type { ScanCursor } from "./scan-cursor.ts";

/** The segments of a row list, each a morsel of one batch. `head` is the address of the list's head. */
export const openRowCursor = ({ view }: SharedMemory, head: number): ScanCursor => {
  const segments = view.getUint32(head + rowListHead.segments, true);
  let fresh = false;
  const cursor = {
    batch: 0,
    selection: 0,
    count: 0,
    metrics: { rowsRead: 0, bytesRead: 0, pagesRead: 0, pagesPruned: 0, cacheHits: 0, cacheMisses: 0 },
    start: (morsel: number): void => {
      const segment = segments + morsel * rowSegment.bytes;
      cursor.batch = view.getUint32(segment + rowSegment.batch, true);
      cursor.selection = view.getUint32(segment + rowSegment.selection, true);
      cursor.count = view.getUint32(segment + rowSegment.count, true);
      cursor.metrics.rowsRead += cursor.count;
      fresh = true;
    },
    next: (): boolean => {
      const was = fresh;
      fresh = false;
      return was;
    },
    close: (): void => {},
  };
  return cursor;
};

export const segmentCount = ({ view }: SharedMemory, head: number): number =>
  view.getUint32(head + rowListHead.segmentCount, true);

/** The source of constant rows: one morsel, one batch of one row and no columns. */
export const openNoneCursor = (): ScanCursor => {
  let fresh = false;
  return {
    batch: 0,
    selection: 0,
    count: 1,
    metrics: { rowsRead: 0, bytesRead: 0, pagesRead: 0, pagesPruned: 0, cacheHits: 0, cacheMisses: 0 },
    start: () => {
      fresh = true;
    },
    next: () => {
      const was = fresh;
      fresh = false;
      return was;
    },
    close: () => {},
  };
};
