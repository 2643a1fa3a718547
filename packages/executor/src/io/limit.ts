/** Runs at most so many at a time; the others wait in order, until their signal is aborted. */
export type Limit = <T>(signal: AbortSignal, run: () => Promise<T>) => Promise<T>;

export const createLimit = (atOnce: number): Limit => {
  const waiting = new Set<() => void>();
  let running = 0;
  const leave = (): void => {
    const [next] = waiting;
    if (next === undefined) running--;
    else {
      waiting.delete(next);
      next();
    }
  };
  const enter = (signal: AbortSignal): Promise<void> | undefined => {
    if (running < atOnce) {
      running++;
      return undefined;
    }
    return new Promise((resolve, reject) => {
      const go = (): void => {
        signal.removeEventListener("abort", giveUp);
        resolve();
      };
      const giveUp = (): void => {
        waiting.delete(go);
        reject(signal.reason);
      };
      waiting.add(go);
      signal.addEventListener("abort", giveUp, { once: true });
    });
  };
  return async (signal, run) => {
    signal.throwIfAborted();
    await enter(signal);
    try {
      return await run();
    } finally {
      leave();
    }
  };
};

/** All results, in order, of which at most `atOnce` are made at a time. After a failure no more are begun. */
export const mapLimited = async <T, R>(
  items: readonly T[],
  atOnce: number,
  make: (item: T, index: number) => Promise<R>,
): Promise<R[]> => {
  const results = new Array<R>(items.length);
  let next = 0;
  let failed = false;
  const work = async (): Promise<void> => {
    while (next < items.length && !failed) {
      const index = next++;
      try {
        results[index] = await make(items[index]!, index);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: Math.min(atOnce, items.length) }, work));
  for (const end of ended) if (end.status === "rejected") throw end.reason;
  return results;
};
