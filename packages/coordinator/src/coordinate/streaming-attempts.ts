import type { AttemptId } from "../schedule/query-state.ts";

/** Attempts whose rows may be read although more of them come. */
export interface StreamingAttempts {
  began(attemptId: AttemptId): void;
  /** False when it was none of them. */
  ended(attemptId: AttemptId): boolean;
  /** Resolves when there are none, or it has taken too long: one may be lost. */
  allEnded(): Promise<void>;
}

/** Their rows have been read: what is still to come is a short message. */
const PATIENCE_MS = 1000;

export const streamingAttempts = (): StreamingAttempts => {
  const streaming = new Set<AttemptId>();
  let onNone: (() => void) | undefined;
  return {
    began: (attemptId) => {
      streaming.add(attemptId);
    },
    ended: (attemptId) => {
      const known = streaming.delete(attemptId);
      if (streaming.size === 0) onNone?.();
      return known;
    },
    allEnded: async () => {
      if (streaming.size === 0) return;
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        onNone = resolve;
        timer = setTimeout(resolve, PATIENCE_MS);
      });
      clearTimeout(timer);
    },
  };
};
