/** Waiting for something that others change. */
export interface Condition {
  /** Something has: those who wait look again. */
  changed(): void;
  /** Resolves when `isTrue` says so, at once or after a change. */
  until(isTrue: () => boolean): Promise<void>;
}

export const createCondition = (): Condition => {
  let watchers: (() => void)[] = [];
  return {
    changed: () => {
      const all = watchers;
      watchers = [];
      for (const watcher of all) watcher();
    },
    until: async (isTrue) => {
      while (!isTrue()) {
        await new Promise<void>((resolve) => {
          watchers.push(resolve);
        });
      }
    },
  };
};
