/** The statements that this node is answering, by the ids of their tickets. */
export interface RunningStatements {
  /** The signal that stops it: the caller's, or a `cancel`. Call `done` at its end. */
  begin(id: string, signal: AbortSignal): { readonly signal: AbortSignal; done(): void };
  /** False when no statement of this id runs here. */
  cancel(id: string): boolean;
}

export const runningStatements = (): RunningStatements => {
  /** A ticket may be redeemed several times. */
  const running = new Map<string, Set<AbortController>>();
  return {
    begin: (id, signal) => {
      const controller = new AbortController();
      const all = running.get(id) ?? new Set();
      running.set(id, all.add(controller));
      return {
        signal: AbortSignal.any([signal, controller.signal]),
        done: () => {
          all.delete(controller);
          if (all.size === 0 && running.get(id) === all) running.delete(id);
        },
      };
    },
    cancel: (id) => {
      const all = running.get(id) ?? [];
      for (const controller of all) controller.abort();
      return running.has(id);
    },
  };
};
