import { setMaxListeners } from "node:events";
import { QueryError } from "@headcut/plan";

export interface Limits {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
  /** When the time began, as `performance.now()` has it. */
  readonly startedMs?: number | undefined;
}

/** Throws QueryError "cancelled" when the signal is aborted, "timeout" when the time is up. */
export const checkLimits = ({ signal, timeoutMs, startedMs }: Limits): void => {
  if (signal?.aborted === true) throw cancelled(signal);
  if (timeoutMs === undefined || startedMs === undefined) return;
  if (performance.now() - startedMs >= timeoutMs) throw timedOut(timeoutMs);
};

/** Calls `stop` when the signal aborts or the time is up, until the returned function is called. */
export const watchLimits = (
  { signal, timeoutMs, startedMs }: Limits,
  stop: (error: QueryError) => void,
): (() => void) => {
  const abort = (): void => stop(cancelled(signal));
  const expire = (): void => stop(timedOut(timeoutMs!));
  if (signal?.aborted === true) abort();
  if (signal !== undefined) {
    // Many queries may share a signal; more listeners than ten are no leak. Not 0 for any number: Node then takes the signal for none.
    setMaxListeners(Number.POSITIVE_INFINITY, signal);
    signal.addEventListener("abort", abort, { once: true });
  }
  const leftMs =
    timeoutMs === undefined ? undefined : timeoutMs - (performance.now() - (startedMs ?? performance.now()));
  if (leftMs !== undefined && leftMs <= 0) expire();
  const timer = leftMs === undefined ? undefined : setTimeout(expire, Math.max(leftMs, 0));
  return () => {
    signal?.removeEventListener("abort", abort);
    clearTimeout(timer);
  };
};

const cancelled = (signal: AbortSignal | undefined): QueryError =>
  new QueryError("cancelled", "the query was cancelled", { cause: signal?.reason });

const timedOut = (timeoutMs: number): QueryError =>
  new QueryError("timeout", `the query took longer than its time limit of ${timeoutMs} ms`);
