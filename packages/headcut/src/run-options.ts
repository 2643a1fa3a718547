import { QueryError } from "@headcut/plan";
import type { RunOptions } from "./statements/statement-context.ts";

/** Beyond this, timers of JavaScript go off at once. About 25 days. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Milliseconds, or undefined for no limit. Throws QueryError "invalid-argument". */
export const checkTimeout = (timeoutMs: number | undefined): number | undefined => {
  if (timeoutMs === undefined) return undefined;
  if (!(timeoutMs >= 0)) {
    throw new QueryError("invalid-argument", `timeoutMs must be a number of milliseconds, not ${timeoutMs}`);
  }
  return timeoutMs > MAX_TIMER_MS ? undefined : timeoutMs;
};

/** Bytes. Throws QueryError "invalid-argument". */
export const checkMemoryLimit = (memoryLimitBytes: number | undefined): number | undefined => {
  if (memoryLimitBytes === undefined || memoryLimitBytes > 0) return memoryLimitBytes;
  throw new QueryError(
    "invalid-argument",
    `memoryLimitBytes must be a positive number of bytes, not ${memoryLimitBytes}`,
  );
};

/** The callback for one statement: it never hears of less than before, nor of 1 before `done`. */
export const progressOf = (
  onProgress: ((fraction: number) => void) | undefined,
): { readonly report: ((fraction: number) => void) | undefined; readonly done: () => void } => {
  if (onProgress === undefined) return { report: undefined, done: () => undefined };
  let last = 0;
  return {
    report: (fraction) => {
      if (fraction < last || fraction >= 1) return;
      last = fraction;
      onProgress(fraction);
    },
    done: () => {
      if (last === 1) return;
      last = 1;
      onProgress(1);
    },
  };
};

/** The options as the engine takes them: checked, without what is absent. */
export const runOptions = (
  { signal, timeoutMs, memoryLimitBytes }: RunOptions,
  report: ((fraction: number) => void) | undefined,
): RunOptions => {
  const [timeout, limit] = [checkTimeout(timeoutMs), checkMemoryLimit(memoryLimitBytes)];
  return {
    ...(signal !== undefined && { signal }),
    ...(timeout !== undefined && { timeoutMs: timeout }),
    ...(limit !== undefined && { memoryLimitBytes: limit }),
    ...(report !== undefined && { onProgress: report }),
  };
};
