import { setTimeout as pause } from "node:timers/promises";

/** To be waited for with every piece that is sent. Rejects when the signal aborts. */
export type Pace = (bytes: number) => Promise<void>;

/** Lets so many bytes through in a second, from now on. */
export const openPace = (bytesPerSecond: number, signal: AbortSignal): Pace => {
  const start = performance.now();
  let sent = 0;
  return async (bytes) => {
    sent += bytes;
    const dueMs = start + (1000 * sent) / bytesPerSecond - performance.now();
    if (dueMs > 1) await pause(dueMs, undefined, { signal });
  };
};
