import { QueryError } from "@headcut/plan";

export interface Limits {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

/** Calls `stop` when the signal aborts or the time is up, until the returned function is called. */
export const watchLimits = ({ signal, timeoutMs }: Limits, stop: (error: QueryError) => void): (() => void) => {
  const abort = (): void => stop(new QueryError("cancelled", "the query was cancelled", { cause: signal?.reason }));
  if (signal?.aborted === true) abort();
  signal?.addEventListener("abort", abort, { once: true });
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(
          () => stop(new QueryError("timeout", `the query took longer than its time limit of ${timeoutMs} ms`)),
          timeoutMs,
        );
  return () => {
    signal?.removeEventListener("abort", abort);
    clearTimeout(timer);
  };
};
