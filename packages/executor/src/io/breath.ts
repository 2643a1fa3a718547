/** How long the calling thread computes before its event loop gets a turn. */
const BREATH_MS = 8;

/**
 * What long work on the calling thread asks now and then: a promise to wait for when the event loop is due a turn. It rejects
 * when the work is no longer wanted.
 */
export type Breathe = () => Promise<void> | undefined;

/** `checkWanted` throws when the work is not. */
export const createBreathe = (checkWanted: () => void = () => undefined): Breathe => {
  let last = performance.now();
  return () => {
    if (performance.now() - last < BREATH_MS) return undefined;
    return new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      last = performance.now();
      checkWanted();
    });
  };
};
