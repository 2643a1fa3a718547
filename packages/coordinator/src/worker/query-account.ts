import { QueryError } from "@headcut/plan";

/** What a query has of a node's memory beside that of its running plans: the inputs of its tasks. */
export interface QueryAccount {
  /** Throws QueryError "out-of-memory", then nothing is charged. */
  charge(bytes: number, purpose: string): void;
  release(bytes: number): void;
  /** What the inputs that a task has in memory may take before the rest of them is read while the plan runs. */
  loadBytes(): number;
  /** What waits in memory of an input that is read while the plan runs. */
  streamBytes(): number;
  /** What is left for a plan that runs alone. */
  freeBytes(): number;
  /** What is left for one of the tasks that a node runs side by side. */
  shareBytes(): number;
}

/** As many tasks of a query as the scheduler lets a node run at once. */
const TASKS_AT_ONCE = 2;

/** Of the query's memory on the node. */
const LOADED_SHARE = 1 / 8;
const STREAM_SHARE = 1 / 64;
const MOST_STREAM_BYTES = 16 << 20;

export const queryAccount = (limitBytes: number): QueryAccount => {
  let used = 0;
  const freeBytes = (): number => Math.max(0, limitBytes - used);
  return {
    charge: (bytes, purpose) => {
      if (used + bytes > limitBytes) {
        const limit = limitBytes < 2 ** 20 ? `${limitBytes >>> 10} KiB` : `${Math.floor(limitBytes / 2 ** 20)} MiB`;
        throw new QueryError(
          "out-of-memory",
          `${purpose} needs more memory than the query may use on a node, ${limit}`,
          {
            hint: "raise the memory limit, or let the query keep less: fewer groups, a smaller build side, LIMIT",
          },
        );
      }
      used += bytes;
    },
    release: (bytes) => {
      used -= bytes;
    },
    loadBytes: () => Math.floor(limitBytes * LOADED_SHARE),
    streamBytes: () => Math.min(MOST_STREAM_BYTES, Math.floor(limitBytes * STREAM_SHARE)),
    freeBytes,
    shareBytes: () => Math.min(freeBytes(), Math.floor(limitBytes / TASKS_AT_ONCE)),
  };
};
