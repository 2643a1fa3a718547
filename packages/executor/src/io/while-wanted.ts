/** Throws when the work is not wanted any more: cancelled, out of time. */
export type CheckWanted = () => void;

/** How soon requests end that nobody waits for. */
const CHECK_MS = 20;

/**
 * Runs something that waits for others. Once `check` throws, its signal is aborted with that error, and at once when `ended` is aborted, with
 * its reason; then `run` has to end soon, and what it rejects with is the error.
 */
export const whileWanted = async <T>(
  check: CheckWanted,
  run: (signal: AbortSignal) => Promise<T>,
  ended?: AbortSignal,
): Promise<T> => {
  check();
  ended?.throwIfAborted();
  const controller = new AbortController();
  const end = (): void => controller.abort(ended!.reason);
  ended?.addEventListener("abort", end, { once: true });
  const timer = setInterval(() => {
    try {
      check();
    } catch (error) {
      clearInterval(timer);
      controller.abort(error);
    }
  }, CHECK_MS);
  try {
    return await run(controller.signal);
  } finally {
    clearInterval(timer);
    ended?.removeEventListener("abort", end);
  }
};
