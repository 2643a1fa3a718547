import type { SharedMemory } from "../memory/shared-memory.ts";

/** What the threads of one query and the main thread tell each other: i32 words, byte offsets from the block's address. */
export const controlBlock = {
  /** Completed barriers in the high 24 bits, threads that have come to the current one in the low 8. */
  barrier: 0,
  /** Grows whenever waiting threads should look again. */
  wakeups: 4,
  /** Not 0: threads leave their task at the next morsel; the query goes on later. */
  pause: 8,
  /** 0, or 1 + the index of the thread that failed first. */
  failed: 12,
  /** KiB of result batches that threads have posted and nobody has read. */
  unread: 16,
  /** The step with which all go on from the last completed barrier. */
  next: 20,
  /** Threads that sleep until `wakeups` grows, or are about to. */
  sleepers: 24,
  bytes: 28,
} as const;

/** The barrier counts threads in 8 bits. */
export const MAX_THREADS = 254;

/**
 * passed: all threads came. paused: this thread no longer counts as come; it has to come again when the query goes on.
 * stopped: the query ends.
 */
export type BarrierOutcome = "passed" | "paused" | "stopped";

/** Unread bytes above which threads pause, and below which the query goes on. */
export const HIGH_BYTES = 64 << 20;
export const LOW_BYTES = 16 << 20;

/** Threads that make so much more within one morsel, each, stay where they are until it is read. */
const SURPLUS_BYTES = 32 << 20;

/** The signals of one query, for whichever thread holds them. */
export interface Control {
  /** The query block's flag, which compiled code reads too. */
  readonly stopped: () => boolean;
  readonly stop: () => void;
  readonly paused: () => boolean;
  readonly pause: () => void;
  /** Once every thread has left its task. */
  readonly resume: () => void;
  /** A thread has posted a batch of so many bytes; pauses the query if many are unread. */
  readonly posted: (bytes: number) => void;
  /** The reader has taken a batch. */
  readonly read: (bytes: number) => void;
  /** Waits while far more is unread than at a pause: for a thread that cannot pause where it is. Never on the main thread. */
  readonly awaitReader: (threadCount: number) => "read" | "stopped";
  /** Whether this is the first failure of the query. */
  readonly fail: (threadIndex: number) => boolean;
  /**
   * Waits for all `threadCount` threads; the last to come runs `last` before the others go on, which says with which step, or nothing when the
   * query was stopped. Blocks the thread: never on the main thread with more than one.
   */
  readonly barrier: (threadCount: number, last: () => Promise<number | undefined>) => Promise<BarrierOutcome>;
  /** What `last` of the barrier said that this thread has passed. */
  readonly nextStep: () => number;
}

export const controlOf = ({ i32 }: SharedMemory, cancelFlag: number, block: number): Control => {
  const cancel = cancelFlag >>> 2;
  const barrier = (block + controlBlock.barrier) >>> 2;
  const wakeups = (block + controlBlock.wakeups) >>> 2;
  const pauseFlag = (block + controlBlock.pause) >>> 2;
  const unread = (block + controlBlock.unread) >>> 2;
  const next = (block + controlBlock.next) >>> 2;
  const sleepers = (block + controlBlock.sleepers) >>> 2;
  const failed = (block + controlBlock.failed) >>> 2;
  const stopped = (): boolean => Atomics.load(i32, cancel) !== 0;
  const paused = (): boolean => Atomics.load(i32, pauseFlag) !== 0;
  // To notify is a call of the system, even when nobody sleeps: whoever sleeps says so first. One that says so too late to be seen here finds
  // that `wakeups` has grown.
  const wake = (): void => {
    Atomics.add(i32, wakeups, 1);
    if (Atomics.load(i32, sleepers) !== 0) Atomics.notify(i32, wakeups);
  };
  /** Until `wakeups` is no longer as it was seen. */
  const sleep = (seen: number): void => {
    Atomics.add(i32, sleepers, 1);
    Atomics.wait(i32, wakeups, seen, 1000);
    Atomics.sub(i32, sleepers, 1);
  };

  const pause = (): void => {
    Atomics.store(i32, pauseFlag, 1);
    wake();
  };

  let spins = MOST_SPINS;

  /** `arrival`: the barrier's word before this thread came. */
  const wait = (threadCount: number, arrival: number): BarrierOutcome => {
    for (let turn = 0; ; turn++) {
      const seen = Atomics.load(i32, wakeups);
      const now = Atomics.load(i32, barrier);
      if (now >>> 8 !== arrival >>> 8) {
        if (turn <= spins) spins = Math.min(2 * spins, MOST_SPINS);
        return "passed";
      }
      if (stopped()) return "stopped";
      // Whoever leaves must not be counted; once all have come it is too late to leave.
      const complete = (now & 0xff) === threadCount;
      if (paused() && !complete && Atomics.compareExchange(i32, barrier, now, now - 1) === now) return "paused";
      // The others are often a few microseconds away: less than it takes to fall asleep and be woken. Where they are not, and where processors
      // are short, it is soon tried for a moment only.
      if (turn === spins) spins = Math.max(spins >>> 1, LEAST_SPINS);
      if (turn >= spins) sleep(seen);
    }
  };

  return {
    stopped,
    stop: () => {
      Atomics.store(i32, cancel, 1);
      wake();
    },
    paused,
    pause,
    resume: () => {
      Atomics.store(i32, pauseFlag, 0);
    },
    posted: (bytes) => {
      const before = Atomics.add(i32, unread, kibibytes(bytes));
      if (before + kibibytes(bytes) > kibibytes(HIGH_BYTES)) pause();
    },
    read: (bytes) => {
      Atomics.sub(i32, unread, kibibytes(bytes));
      wake();
    },
    awaitReader: (threadCount) => {
      for (;;) {
        const seen = Atomics.load(i32, wakeups);
        if (stopped()) return "stopped";
        if (Atomics.load(i32, unread) <= kibibytes(HIGH_BYTES + threadCount * SURPLUS_BYTES)) return "read";
        sleep(seen);
      }
    },
    fail: (threadIndex) => Atomics.compareExchange(i32, failed, 0, 1 + threadIndex) === 0,
    nextStep: () => Atomics.load(i32, next),
    barrier: async (threadCount, last) => {
      const arrival = Atomics.add(i32, barrier, 1);
      if ((arrival & 0xff) !== threadCount - 1) return wait(threadCount, arrival);
      const step = await last();
      if (step === undefined) return "stopped";
      Atomics.store(i32, next, step);
      Atomics.store(i32, barrier, ((arrival >>> 8) + 1) << 8);
      if (threadCount > 1) wake();
      return stopped() ? "stopped" : "passed";
    },
  };
};

/** Looks at the barrier before a thread falls asleep: some 40 µs at most, and 4. */
const MOST_SPINS = 2000;
const LEAST_SPINS = 200;

const kibibytes = (bytes: number): number => Math.ceil(bytes / 1024);
