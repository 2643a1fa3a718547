import { QueryError } from "@headcut/plan";
import { createCondition } from "../condition.ts";
import { engineFull } from "../memory/engine-full.ts";
import type { Heap } from "../memory/heap.ts";
import { createHostArena, type HostArena } from "../memory/host-arena.ts";
import type { EncodedBatch } from "../results/encoded-batch.ts";
import { importEncoded } from "../tables/import-encoded.ts";
import { createMailbox, mailboxBytes, SLOTS, slotState } from "./mailbox.ts";
import type { RowStream } from "./row-stream.ts";

/** What brings the rows of a stream to the threads of one query, as they read them. */
export interface Feed {
  /** Address of its mailbox. */
  readonly mailbox: number;
  readonly runs: number;
  /** A thread has used a batch up. */
  attend(): void;
  /** While no thread runs: resolves when those that wait for rows have some, or will get none. */
  ready(): Promise<void>;
  /** Nothing more is wanted; who waits in `ready` goes on. */
  stop(): void;
  /** Frees all batches: no thread reads any more. */
  close(): void;
}

export interface FeedOptions {
  readonly name: string;
  readonly stream: RowStream;
  /** Of the stream's columns, in the order of the mailbox's. */
  readonly columnIndexes: readonly number[];
  /** Every run is needed to go on, and not just any: they are merged. */
  readonly merged: boolean;
  readonly onFailed: (error: unknown) => void;
}

/** Throws QueryError "out-of-memory", and what the stream throws when it is opened. */
export const openFeed = (heap: Heap, options: FeedOptions): Feed => {
  const { name, stream, columnIndexes, merged, onFailed } = options;
  const { memory, kernels } = heap;
  const columns = columnIndexes.map((index) => stream.columns[index]!);
  const stopping = new AbortController();
  const runs = stream.open(stopping.signal);
  const bytes = mailboxBytes(runs.length, columns.length);
  const mailbox = kernels.slabAllocate(0, bytes) >>> 0;
  if (mailbox === 0) throw engineFull(new QueryError("out-of-memory", `the engine's memory is exhausted by ${name}`));
  memory.bytes.fill(0, mailbox, mailbox + bytes);
  const slots = createMailbox(memory, mailbox, runs.length, columns.length);
  const condition = createCondition();
  const held: (HostArena | undefined)[][] = runs.map(() => Array.from({ length: SLOTS }, () => undefined));
  let heldBytes = 0;
  // A stream that is read last of several holds no memory until then.
  let wanted = merged;
  let stopped = false;

  const release = (run: number, slot: number): void => {
    const arena = held[run]![slot];
    if (arena === undefined) return;
    heldBytes -= arena.bytes();
    arena.free();
    held[run]![slot] = undefined;
  };
  const attend = (): void => {
    for (let run = 0; run < runs.length; run++) {
      for (let slot = 0; slot < SLOTS; slot++) {
        if (slots.state(run, slot) !== slotState.used) continue;
        release(run, slot);
        slots.empty(run, slot);
      }
    }
    condition.changed();
  };
  const hasRows = (run: number): boolean => {
    for (let slot = 0; slot < SLOTS; slot++) if (slots.state(run, slot) === slotState.full) return true;
    return false;
  };
  const isAlone = (run: number): boolean => held[run]!.every((arena) => arena === undefined);

  const put = (run: number, slot: number, batch: EncodedBatch): void => {
    const keep = createHostArena(heap, name);
    const staging = createHostArena(heap, name);
    held[run]![slot] = keep;
    try {
      const vectors = columns.map((column, i) =>
        importEncoded({ heap, column, count: batch.rowCount, keep, staging }, batch.columns[columnIndexes[i]!]!),
      );
      slots.fill(run, slot, batch.rowCount, vectors);
    } finally {
      staging.free();
      heldBytes += keep.bytes();
    }
  };

  const pump = async (run: number): Promise<void> => {
    const batches = runs[run]![Symbol.asyncIterator]();
    let slot = 0;
    try {
      for (;;) {
        await condition.until(
          () =>
            stopped ||
            (wanted && slots.state(run, slot) === slotState.empty && (heldBytes < stream.maxBytes || isAlone(run))),
        );
        if (stopped) return;
        const { done, value } = await batches.next();
        if (stopped) return;
        if (done === true) {
          slots.end(run);
          condition.changed();
          return;
        }
        if (value.rowCount === 0) continue;
        put(run, slot, value);
        slot = (slot + 1) % SLOTS;
        condition.changed();
      }
    } finally {
      await batches.return?.();
    }
  };
  const all = runs.map((_, run) => run);
  for (const run of all) {
    pump(run).catch((error: unknown) => {
      if (!stopped) onFailed(error);
    });
  }
  // Nothing can be merged before there is something of every run.
  let awaited = merged ? all : [];

  return {
    mailbox,
    runs: runs.length,
    attend,
    ready: async () => {
      if (stopped) return;
      const starving = new Set([...awaited, ...all.filter(slots.isStarved)]);
      if (starving.size === 0) return;
      awaited = [];
      wanted = true;
      attend();
      const isFed = (run: number): boolean => slots.isEnded(run) || hasRows(run);
      await condition.until(
        () => stopped || (merged ? [...starving].every(isFed) : all.some(hasRows) || all.every(slots.isEnded)),
      );
      if (!stopped) for (const run of starving) slots.feed(run);
    },
    stop: () => {
      if (stopped) return;
      stopped = true;
      stopping.abort(new QueryError("cancelled", "the rows are not wanted any more"));
      condition.changed();
    },
    close: () => {
      for (let run = 0; run < runs.length; run++) for (let slot = 0; slot < SLOTS; slot++) release(run, slot);
      kernels.slabFree(0, mailbox);
    },
  };
};
