import { QueryError } from "@headcut/plan";
import type { AttemptId } from "../schedule/query-state.ts";
import type { RootRun } from "../worker/worker.ts";
import { type HeldRows, holdRows } from "./hold-rows.ts";

/** The root, when its rows may be handed out. */
export interface RunningRoot {
  readonly attemptId: AttemptId;
  readonly run: RootRun;
  readonly rows: HeldRows;
}

/** The root fragment's attempts, one at a time, until the rows of one are handed out: from then on there is no other. */
export interface RootAttempts {
  /** The one whose rows are handed out: it has all its inputs, or more rows than are held back. Rejects with the query's error. */
  readonly chosen: Promise<RunningRoot>;
  /** Of the attempt that runs. */
  attemptId(): AttemptId | undefined;
  start(attemptId: AttemptId, run: () => RootRun): void;
  /** It is not wanted any more. */
  drop(): void;
  /** The query is done: hands out the rows of the attempt that runs. False if there is none. */
  succeed(): boolean;
  /** The query has failed. */
  fail(error: unknown): void;
  /** Cancels what runs; resolves when nothing of any attempt is left. */
  close(): Promise<void>;
}

export interface RootEvents {
  /** The attempt has all its inputs. */
  received(attemptId: AttemptId): void;
  /** It has failed, and none of its rows were handed out: there may be another. */
  failed(attemptId: AttemptId, error: unknown): void;
  /** Rows were handed out of what cannot be finished. */
  lost(error: unknown): void;
}

/** `settled`: what must have happened before an attempt that has read its inputs has received them. */
export const rootAttempts = (settled: () => Promise<void>, events: RootEvents): RootAttempts => {
  const { promise: chosen, resolve, reject } = withResolvers<RunningRoot>();
  chosen.catch(() => undefined);
  const closing: Promise<void>[] = [];
  let current: RunningRoot | undefined;
  let handedOut = false;
  let over = false;
  const handOut = (root: RunningRoot): void => {
    if (over || root !== current) return;
    handedOut = true;
    resolve(root);
  };
  const drop = (): void => {
    if (current !== undefined) closing.push(current.run.cancel());
    current = undefined;
  };
  return {
    chosen,
    attemptId: () => current?.attemptId,
    start: (attemptId, open) => {
      if (handedOut) {
        events.lost(tooLate());
        return;
      }
      const run = open();
      const root: RunningRoot = { attemptId, run, rows: holdRows(run, HELD_BYTES) };
      current = root;
      void root.rows.full.then((isFull) => {
        if (isFull) handOut(root);
      });
      run.received.then(settled).then(
        () => {
          if (root === current) events.received(attemptId);
        },
        (error: unknown) => {
          if (root !== current) return;
          if (handedOut) {
            events.lost(error);
            return;
          }
          drop();
          events.failed(attemptId, error);
        },
      );
      run.metrics.catch(() => undefined);
    },
    drop,
    succeed: () => {
      if (current === undefined) return false;
      resolve(current);
      over = true;
      return true;
    },
    fail: (error) => {
      over = true;
      drop();
      reject(error);
    },
    close: async () => {
      drop();
      while (closing.length > 0) await closing.pop();
    },
  };
};

/** So much of a result is kept back while the part that has not come yet may still be lost. */
const HELD_BYTES = 64 * 1024 * 1024;

const tooLate = (): QueryError =>
  new QueryError("io", "a node was lost after a part of the result had been handed out", {
    hint: "Run the query again.",
  });

const withResolvers = <T>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: unknown) => void;
} => {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
};
