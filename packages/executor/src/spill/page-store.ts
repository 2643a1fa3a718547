import { ftruncateSync } from "node:fs";
import type { SharedMemory } from "../memory/shared-memory.ts";
import type { SpillFiles } from "./spill-folder.ts";
import { createTransfer } from "./transfer.ts";

/** Bytes that were put on disk. */
export interface StoredBytes {
  readonly length: number;
  readonly read: (offset: number, length: number, address: number) => void;
  /** Their room may be used again. Once. */
  readonly release: () => void;
}

/** Decompressed pages of a scan that find no room in memory, in a file of one thread. Throws QueryError "io", OperatorOutOfMemory for `operatorId`. */
export interface PageStore {
  /** What of a page is in memory at a time, about; pages of less than two of these need not be put here. */
  readonly windowBytes: number;
  readonly put: (address: number, length: number) => StoredBytes;
  readonly close: () => void;
}

const WINDOW_BYTES = 32 << 10;

export const createPageStore = (
  memory: SharedMemory,
  files: SpillFiles,
  file: number,
  operatorId: number,
  windowBytes = WINDOW_BYTES,
): PageStore => {
  const transfer = createTransfer(memory, files);
  /** Pages of a column are of about one size, and come one after the other: the first hole that is large enough will do. */
  const holes: { readonly start: number; readonly length: number }[] = [];
  let end = 0;

  const place = (length: number): { readonly start: number; readonly length: number } => {
    const fitting = holes.findIndex((hole) => hole.length >= length);
    if (fitting >= 0) return holes.splice(fitting, 1)[0]!;
    transfer.take(operatorId, length);
    const start = end;
    end += length;
    return { start, length };
  };

  return {
    windowBytes,
    put: (address, length) => {
      const hole = place(length);
      transfer.write(file, address, length, hole.start);
      return {
        length,
        read: (offset, count, target) => transfer.read(file, target, count, hole.start + offset),
        release: () => {
          holes.push(hole);
        },
      };
    },
    close: () => {
      transfer.giveBack(end);
      ftruncateSync(files.descriptors[file]!, 0);
      [end, holes.length] = [0, 0];
    },
  };
};
