/** Queries that have begun may read a file for so long after it was given up; promises hold as long. */
const GRACE_MS = 60_000;

/** Which shards of a node are on their way out, and which it has promised to keep. */
export interface Retirement {
  isLeaving(path: string): boolean;
  /** Listed no more, though the file may still be there. */
  isGone(path: string): boolean;
  /** False for one that is about to leave, or has left. */
  promise(path: string): boolean;
  /** Resolves to whether it has left: when `mayGo` says so, and nobody was promised that it stays. */
  leave(path: string, mayGo: () => Promise<boolean>): Promise<boolean>;
  /** Leaves without being asked, whatever was promised: nobody needs it any more. */
  abandon(path: string): void;
  /** It is there again, or its file is gone. */
  comeBack(path: string): void;
}

/** `remove` takes the file away when its time has come. */
export const openRetirement = (remove: (path: string) => Promise<void>, graceMs = GRACE_MS): Retirement => {
  /** Until when, by performance.now(). */
  const promised = new Map<string, number>();
  const leaving = new Set<string>();
  const gone = new Map<string, NodeJS.Timeout>();
  const isPromised = (path: string): boolean => {
    const until = promised.get(path) ?? 0;
    if (until > performance.now()) return true;
    promised.delete(path);
    return false;
  };
  const go = (path: string): void => {
    if (gone.has(path)) return;
    // A file that cannot be removed now is looked at again after the next start.
    const timer = setTimeout(() => void remove(path).catch(() => undefined), graceMs);
    timer.unref();
    gone.set(path, timer);
  };
  return {
    isLeaving: (path) => leaving.has(path) || gone.has(path),
    isGone: (path) => gone.has(path),
    promise: (path) => {
      if (leaving.has(path) || gone.has(path)) return false;
      promised.set(path, performance.now() + graceMs);
      return true;
    },
    leave: async (path, mayGo) => {
      if (leaving.has(path) || gone.has(path) || isPromised(path)) return false;
      leaving.add(path);
      try {
        if (!(await mayGo())) return false;
        go(path);
        return true;
      } finally {
        leaving.delete(path);
      }
    },
    abandon: go,
    comeBack: (path) => {
      clearTimeout(gone.get(path));
      gone.delete(path);
    },
  };
};
