import type { SharedMemory } from "../memory/shared-memory.ts";

/**
 * Where the main thread leaves the batches of a stream for the threads of a query: u32 words, byte offsets. { number of runs }, then for each run what is
 * below, and behind it its slots.
 */
export const mailboxHeader = { runs: 0, bytes: 16 } as const;
export const mailboxRun = {
  /** Of who takes from the run. */
  lock: 0,
  /** Batches taken so far: the next one is in slot `taken` mod `SLOTS`. */
  taken: 4,
  /** 1 once nothing is put into slots any more. */
  ended: 8,
  /** 1: a thread has gone to wait for rows of this run. */
  starved: 12,
  /** Rows of the next batch that have been read, where batches are read in parts. */
  row: 16,
  bytes: 32,
} as const;
/** Behind it { address of values, of validity or 0 } for each column. */
export const mailboxSlot = { state: 0, rows: 4, bytes: 8 } as const;

/** A slot is filled by the main thread, and emptied by it when a thread has said that it is used. */
export const slotState = { empty: 0, full: 1, used: 2 } as const;

/** Of a run: one is read while the next one comes. */
export const SLOTS = 2;

const slotBytes = (columns: number): number => mailboxSlot.bytes + 8 * columns;
const runBytes = (columns: number): number => (mailboxRun.bytes + SLOTS * slotBytes(columns) + 63) & ~63;

export const mailboxBytes = (runs: number, columns: number): number => mailboxHeader.bytes + runs * runBytes(columns);

/** A mailbox as a thread sees it. Runs and slots are counted from 0; a slot of any run is `run * SLOTS + slot`. */
export interface Mailbox {
  readonly runs: number;
  /** False when another thread has it. */
  lock(run: number): boolean;
  unlock(run: number): void;
  /** Whether no batch will follow: to be asked before `next`. */
  isEnded(run: number): boolean;
  /** The slot with the run's next batch, if it is there. By who has the lock. */
  next(run: number): number | undefined;
  /** The batch is not the next one any more. By who has the lock. */
  take(run: number): void;
  /** The batch's memory may go. */
  finish(slot: number): void;
  starve(run: number): void;
  rows(slot: number): number;
  values(slot: number, column: number): number;
  valid(slot: number, column: number): number;
  /** Rows of the next batch that have been read. By who has the lock. */
  rowsRead(run: number): number;
  setRowsRead(run: number, rows: number): void;
}

export const openMailbox = ({ i32, u32 }: SharedMemory, address: number, columns: number): Mailbox => {
  const base = (address + mailboxHeader.bytes) >>> 2;
  const [runWords, slotWords] = [runBytes(columns) >>> 2, slotBytes(columns) >>> 2];
  const field = (run: number, offset: number): number => base + run * runWords + (offset >>> 2);
  const slotField = (slot: number, offset: number): number =>
    field(Math.floor(slot / SLOTS), mailboxRun.bytes) + (slot % SLOTS) * slotWords + (offset >>> 2);
  return {
    runs: u32[(address + mailboxHeader.runs) >>> 2]!,
    lock: (run) => Atomics.compareExchange(i32, field(run, mailboxRun.lock), 0, 1) === 0,
    unlock: (run) => {
      Atomics.store(i32, field(run, mailboxRun.lock), 0);
    },
    isEnded: (run) => Atomics.load(i32, field(run, mailboxRun.ended)) !== 0,
    next: (run) => {
      const slot = run * SLOTS + (u32[field(run, mailboxRun.taken)]! % SLOTS);
      return Atomics.load(i32, slotField(slot, mailboxSlot.state)) === slotState.full ? slot : undefined;
    },
    take: (run) => {
      u32[field(run, mailboxRun.taken)]!++;
    },
    finish: (slot) => {
      Atomics.store(i32, slotField(slot, mailboxSlot.state), slotState.used);
    },
    starve: (run) => {
      Atomics.store(i32, field(run, mailboxRun.starved), 1);
    },
    rows: (slot) => u32[slotField(slot, mailboxSlot.rows)]!,
    values: (slot, column) => u32[slotField(slot, mailboxSlot.bytes + 8 * column)]!,
    valid: (slot, column) => u32[slotField(slot, mailboxSlot.bytes + 8 * column + 4)]!,
    rowsRead: (run) => u32[field(run, mailboxRun.row)]!,
    setRowsRead: (run, rows) => {
      u32[field(run, mailboxRun.row)] = rows;
    },
  };
};

/** The same as the main thread sees it, which fills it. Slots of a run are counted from 0. */
export interface MailboxFiller {
  state(run: number, slot: number): number;
  fill(
    run: number,
    slot: number,
    rows: number,
    columns: readonly { readonly values: number; readonly valid: number }[],
  ): void;
  empty(run: number, slot: number): void;
  end(run: number): void;
  isEnded(run: number): boolean;
  isStarved(run: number): boolean;
  /** Nobody waits for rows of the run any more. */
  feed(run: number): void;
}

/** Of memory that is all zero. */
export const createMailbox = (
  { i32, u32 }: SharedMemory,
  address: number,
  runs: number,
  columns: number,
): MailboxFiller => {
  u32[(address + mailboxHeader.runs) >>> 2] = runs;
  const base = (address + mailboxHeader.bytes) >>> 2;
  const field = (run: number, offset: number): number => base + (run * runBytes(columns) + offset) / 4;
  const slotField = (run: number, slot: number, offset: number): number =>
    field(run, mailboxRun.bytes + slot * slotBytes(columns) + offset);
  return {
    state: (run, slot) => Atomics.load(i32, slotField(run, slot, mailboxSlot.state)),
    fill: (run, slot, rows, vectors) => {
      u32[slotField(run, slot, mailboxSlot.rows)] = rows;
      vectors.forEach(({ values, valid }, i) => {
        u32[slotField(run, slot, mailboxSlot.bytes + 8 * i)] = values;
        u32[slotField(run, slot, mailboxSlot.bytes + 8 * i + 4)] = valid;
      });
      Atomics.store(i32, slotField(run, slot, mailboxSlot.state), slotState.full);
    },
    empty: (run, slot) => {
      Atomics.store(i32, slotField(run, slot, mailboxSlot.state), slotState.empty);
    },
    end: (run) => {
      Atomics.store(i32, field(run, mailboxRun.ended), 1);
    },
    isEnded: (run) => Atomics.load(i32, field(run, mailboxRun.ended)) !== 0,
    isStarved: (run) => Atomics.load(i32, field(run, mailboxRun.starved)) !== 0,
    feed: (run) => {
      Atomics.store(i32, field(run, mailboxRun.starved), 0);
    },
  };
};
