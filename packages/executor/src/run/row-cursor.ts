import type { SharedMemory } from "../memory/shared-memory.ts";
import { rowListHead, rowSegment } from "../pipelines/row-list.ts";
import { oneBatchCursor } from "./one-batch-cursor.ts";
import type { ScanCursor } from "./scan-cursor.ts";

/** The segments of a row list, each a morsel of one batch. `head` is the address of the list's head. */
export const openRowCursor = ({ view }: SharedMemory, head: number): ScanCursor => {
  const segments = view.getUint32(head + rowListHead.segments, true);
  return oneBatchCursor((morsel) => {
    const segment = segments + morsel * rowSegment.bytes;
    return {
      batch: view.getUint32(segment + rowSegment.batch, true),
      selection: view.getUint32(segment + rowSegment.selection, true),
      count: view.getUint32(segment + rowSegment.count, true),
    };
  });
};

export const segmentCount = ({ view }: SharedMemory, head: number): number =>
  view.getUint32(head + rowListHead.segmentCount, true);

/** The source of constant rows: one morsel, one batch of one row and no columns. */
export const openNoneCursor = (): ScanCursor => oneBatchCursor(() => ({ batch: 0, selection: 0, count: 1 }));
