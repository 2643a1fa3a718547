import type { Heap } from "../memory/heap.ts";
import { heldMemory } from "../memory/held-memory.ts";
import type { PipelineSource } from "../pipelines/compiled-pipeline.ts";
import { OperatorOutOfMemory } from "../run/error-record.ts";
import type { QueryTask } from "../run/query-task.ts";
import type { ScanCursor } from "../run/scan-cursor.ts";
import type { SpillFiles } from "./spill-folder.ts";
import { SOURCE_HEADER_BYTES } from "./spool.ts";
import { blockEntry, createSpoolIo } from "./spool-io.ts";

/** The blocks listed for a source, each a morsel of one batch, read to memory of the cursor's own. */
export const openSpoolCursor = (
  heap: Heap,
  { addresses: { query, states } }: QueryTask,
  source: Extract<PipelineSource, { kind: "spool" }>,
  files: SpillFiles,
): ScanCursor & { readonly morsels: number } => {
  const { memory, kernels } = heap;
  const { u32 } = memory;
  const io = createSpoolIo(heap, files);
  const list = (states + source.list) >>> 2;
  const [blocks, morsels] = [u32[list]!, u32[list + 1]!];
  let [slab, room] = [0, 0];
  let fresh = false;

  const free = (): void => {
    if (slab !== 0) kernels.slabFree(query, slab);
    [slab, room] = [0, 0];
  };
  const reserve = (bytes: number): void => {
    if (bytes <= room) return;
    free();
    slab = kernels.slabAllocate(query, bytes) >>> 0;
    if (slab === 0) throw new OperatorOutOfMemory(source.operatorId, "memory", heldMemory(memory, query));
    room = kernels.slabBytes(bytes) >>> 0;
  };

  const cursor = {
    batch: 0,
    selection: 0,
    count: 0,
    morsels,
    metrics: { rowsRead: 0, bytesRead: 0, pagesRead: 0, pagesPruned: 0, cacheHits: 0, cacheMisses: 0 },
    start: (morsel: number): void => {
      const at = (blocks >>> 2) + 2 * morsel;
      const entry = u32[at]!;
      reserve(SOURCE_HEADER_BYTES + u32[(entry + blockEntry.bytes) >>> 2]!);
      cursor.batch = slab + SOURCE_HEADER_BYTES;
      u32[slab >>> 2] = u32[at + 1]!;
      io.spoolRead(0, source.operatorId, source.file, states + source.state, entry, cursor.batch);
      cursor.count = u32[(entry + blockEntry.rows) >>> 2]!;
      fresh = true;
    },
    next: (): boolean => {
      const was = fresh;
      fresh = false;
      return was;
    },
    close: free,
  };
  return cursor;
};
