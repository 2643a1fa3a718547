import { RequestFailure, requestFailure } from "./request-failure.ts";

export interface RetryPolicy {
  /** After the first attempt. */
  readonly retries: number;
  /** A request that gets on slower than `watchBytes` in this time is given up, and counts as failed. */
  readonly timeoutMs: number;
  readonly watchBytes: number;
  /** Before the second attempt; doubles from attempt to attempt. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
}

export const retryPolicy = ({ retries, timeoutMs }: Pick<RetryPolicy, "retries" | "timeoutMs">): RetryPolicy => ({
  retries,
  timeoutMs,
  watchBytes: 32 * 1024,
  firstPauseMs: 100,
  longestPauseMs: 5000,
});

/** One attempt: `signal` ends it, and `progress` tells of bytes that have come. */
export type Attempt<T> = (signal: AbortSignal, progress: (bytes: number) => void) => Promise<T>;

/** Of those that get somewhere, since a bad line is better than none. */
const ATTEMPTS_PER_RETRY = 8;

/**
 * Makes attempts until one succeeds, fails for good, or was the last. Between them it waits, twice as long each time, between half of that
 * and all of it by chance, so that those who failed together do not come back together. An attempt that brought at least `watchBytes` is
 * followed by another as if it were the first. An abort is thrown as its reason.
 */
export const withRetries = async <T>(policy: RetryPolicy, signal: AbortSignal, attempt: Attempt<T>): Promise<T> => {
  let retry = 0;
  for (let attempts = 1; ; attempts++) {
    signal.throwIfAborted();
    let bytes = 0;
    const count = (more: number): void => {
      bytes += more;
    };
    try {
      return await watched(policy, signal, attempt, count);
    } catch (error) {
      signal.throwIfAborted();
      const failure = requestFailure(error);
      if (failure.kind !== "transient") throw failure;
      if (bytes >= policy.watchBytes) retry = 0;
      if (retry >= policy.retries || attempts > ATTEMPTS_PER_RETRY * policy.retries) throw afterAll(failure, attempts);
    }
    const longest = Math.min(policy.longestPauseMs, policy.firstPauseMs * 2 ** retry);
    retry++;
    await pause(longest * (0.5 + Math.random() / 2), signal);
  }
};

const afterAll = ({ kind, message }: RequestFailure, attempts: number): RequestFailure =>
  new RequestFailure(kind, attempts === 1 ? message : `${message}, after ${attempts} attempts`);

/** The attempt, given up when it does not get on. */
const watched = async <T>(
  policy: RetryPolicy,
  outer: AbortSignal,
  attempt: Attempt<T>,
  count: (bytes: number) => void,
): Promise<T> => {
  const controller = new AbortController();
  const forward = (): void => controller.abort(outer.reason);
  let timedOut = false;
  let bytes = 0;
  const giveUp = (): void => {
    timedOut = true;
    controller.abort(new Error("timed out"));
  };
  let timer = setTimeout(giveUp, policy.timeoutMs);
  const progress = (more: number): void => {
    count(more);
    bytes += more;
    if (bytes < policy.watchBytes) return;
    bytes = 0;
    clearTimeout(timer);
    timer = setTimeout(giveUp, policy.timeoutMs);
  };
  outer.addEventListener("abort", forward, { once: true });
  try {
    return await attempt(controller.signal, progress);
  } catch (error) {
    if (timedOut && !outer.aborted) throw tooSlow(policy);
    throw error;
  } finally {
    clearTimeout(timer);
    outer.removeEventListener("abort", forward);
  }
};

const tooSlow = ({ timeoutMs }: RetryPolicy): Error =>
  Object.assign(new Error(`no answer, or too slow a one, for ${timeoutMs / 1000} s`), { name: "TimeoutError" });

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", end);
      resolve();
    }, ms);
    signal.addEventListener("abort", end, { once: true });
  });
