import type { DataType } from "@headcut/plan";
import type { SourceTask } from "../run/query-task.ts";
import type { ScanCursor, ScanFilterFunction } from "../run/scan-cursor.ts";
import type { TaskContext } from "../run/task-context.ts";
import { mergeCursor } from "../spill/merge-blocks.ts";
import { openMemoryScan } from "../tables/memory-scan.ts";
import { claimBatch, claimRun, type RunsWanted } from "./claim-batches.ts";
import { openMailbox } from "./mailbox.ts";
import { openRunsCursor } from "./runs-cursor.ts";
import type { Claim, StreamScanPlan } from "./stream-plan.ts";

/** What a thread reads of a stream. */
export interface OpenStream {
  readonly cursor: ScanCursor;
  readonly claim: () => Claim;
}

/** Batches in any order, as they come. Throws QueryError "out-of-memory". */
export const openStream = (
  { runtime: { heap, attend }, task }: TaskContext,
  { mailbox: address, columnCount, feedId }: StreamScanPlan,
  columns: readonly { readonly type: DataType }[],
  filters: readonly ScanFilterFunction[],
): OpenStream => {
  const mailbox = openMailbox(heap.memory, address, columnCount);
  const indexes = Array.from({ length: columnCount }, (_, i) => i);
  const batches = {
    locate: (slot: number) => ({
      columns: indexes.map((i) => ({ values: mailbox.values(slot, i), valid: mailbox.valid(slot, i) })),
      firstRow: 0,
      rowCount: mailbox.rows(slot),
    }),
    finish: (slot: number): void => {
      mailbox.finish(slot);
      attend?.(feedId);
    },
  };
  const cursor = openMemoryScan(heap, task.addresses.query, batches, columns, filters);
  return { cursor, claim: () => claimBatch(mailbox, task.threadIndex) };
};

/** Batches of the runs whose blocks are used up. Throws QueryError "out-of-memory". */
export const openRuns = (
  { runtime: { heap, attend }, task }: TaskContext,
  { plan: { mailbox: address, columnCount, feedId }, columns, state }: Extract<SourceTask, { kind: "runs" }>,
): OpenStream => {
  const { memory } = heap;
  const { query, states } = task.addresses;
  const mailbox = openMailbox(memory, address, columnCount);
  const cursors = memory.u32[(states + state + CURSORS) >>> 2]!;
  const field = (run: number, offset: number): number => (cursors + run * mergeCursor.bytes + offset) >>> 2;
  const wanted: RunsWanted = {
    isWanted: (run) =>
      Atomics.load(memory.u32, field(run, mergeCursor.more)) !== 0 &&
      Atomics.load(memory.u32, field(run, mergeCursor.row)) === Atomics.load(memory.u32, field(run, mergeCursor.end)),
    end: (run) => {
      Atomics.store(memory.u32, field(run, mergeCursor.more), 0);
    },
  };
  return {
    cursor: openRunsCursor(heap, query, mailbox, cursors, columns),
    claim: () => claimRun(mailbox, wanted, task.threadIndex, () => attend?.(feedId)),
  };
};

/** Byte offset in the source's state (pipelines/operators/merge.ts). */
const CURSORS = 4;
