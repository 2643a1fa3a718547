/** Throws when the work is not wanted any more: cancelled, out of time. */
export type CheckWanted = () => void;

/** How soon requests end that nobody waits for. */
const CHECK_MS = 20;

/**
 * Runs something that waits for others. Once `check` throws, its signal is aborted with that error; then `run` has to end
 * soon, and what it rejects with is the error.
 */
export const whileWanted = async <T>(check: CheckWanted, run: (signal: AbortSignal) => Promise<T>): Promise<T> => {
  const controller = new AbortController();
  check();
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
  }
};
