import type { QueryFailure } from "./query-state.ts";

/** Queries that share a node's memory: some run, the others wait in the order they came. Plain data. */
export interface AdmissionState {
  readonly budgetBytes: number;
  readonly maxQueued: number;
  /** What each running query has reserved. */
  readonly running: ReadonlyMap<string, number>;
  readonly queue: readonly Queued[];
}

interface Queued {
  readonly queryId: string;
  readonly bytes: number;
  /** Waits until then. */
  readonly expiresAt: number;
  /** How many that came later were let in before it. */
  readonly overtaken: number;
}

export type AdmissionEvent = { readonly now: number } & (
  | { readonly kind: "submit"; readonly queryId: string; readonly bytes: number; readonly expiresAt: number }
  /** It ended, in whatever way, or is not wanted any more. */
  | { readonly kind: "leave"; readonly queryId: string }
  | { readonly kind: "tick" }
);

export type AdmissionEffect =
  | { readonly kind: "admit"; readonly queryId: string; readonly bytes: number }
  | { readonly kind: "reject"; readonly queryId: string; readonly failure: QueryFailure };

/** A query that waits may be overtaken by so many smaller ones that fit, and by no more: it is not kept waiting for ever. */
const MAX_OVERTAKEN = 16;

export const idleAdmission = (budgetBytes: number, maxQueued: number): AdmissionState => ({
  budgetBytes,
  maxQueued,
  running: new Map(),
  queue: [],
});

/**
 * Lets queries begin when their memory is free. One that wants more than there is at all gets all of it, alone. Pure. At the
 * first `expiresAt` of the queue a `tick` is due.
 */
export const stepAdmission = (
  state: AdmissionState,
  event: AdmissionEvent,
): { readonly state: AdmissionState; readonly effects: readonly AdmissionEffect[] } => {
  const effects: AdmissionEffect[] = [];
  const running = new Map(state.running);
  let queue = [...state.queue];
  const reject = (queryId: string, failure: QueryFailure): void => {
    effects.push({ kind: "reject", queryId, failure });
  };
  const isKnown = (queryId: string): boolean => running.has(queryId) || queue.some((item) => item.queryId === queryId);

  if (event.kind === "submit" && !isKnown(event.queryId)) {
    const bytes = Math.min(event.bytes, state.budgetBytes);
    queue.push({ queryId: event.queryId, bytes, expiresAt: event.expiresAt, overtaken: 0 });
  }
  if (event.kind === "leave") {
    running.delete(event.queryId);
    queue = queue.filter(({ queryId }) => queryId !== event.queryId);
  }
  for (const { queryId } of queue.filter(({ expiresAt }) => expiresAt <= event.now)) {
    reject(queryId, { code: "timeout", message: "the query waited too long for the memory that others use" });
  }
  queue = queue.filter(({ expiresAt }) => expiresAt > event.now);

  let free = state.budgetBytes - [...running.values()].reduce((sum, bytes) => sum + bytes, 0);
  const left: Queued[] = [];
  let mayOvertake = true;
  for (const item of queue) {
    if (mayOvertake && item.bytes <= free) {
      free -= item.bytes;
      running.set(item.queryId, item.bytes);
      effects.push({ kind: "admit", queryId: item.queryId, bytes: item.bytes });
      for (const [i, waiting] of left.entries()) left[i] = { ...waiting, overtaken: waiting.overtaken + 1 };
    } else {
      left.push(item);
    }
    mayOvertake = left.every(({ overtaken }) => overtaken < MAX_OVERTAKEN);
  }
  while (left.length > state.maxQueued) {
    const { queryId } = left.pop()!;
    const message = `${state.maxQueued} queries are waiting for memory already`;
    reject(queryId, { code: "out-of-memory", message, hint: "Try again later, or on another node." });
  }
  return { state: { ...state, running, queue: left }, effects };
};
