import { QueryError } from "@headcut/plan";
import { type AdmissionEvent, idleAdmission, stepAdmission } from "../schedule/admission.ts";

/** Lets queries in while there is memory for them; the others wait in the order they came. */
export interface Admission {
  readonly budgetBytes: number;
  /**
   * Resolves when the query may begin; at once, without a turn of the event loop, when it need not wait (undefined). Rejects with QueryError "timeout" at `expiresAt`
   * (`performance.now()`), "out-of-memory" when too many wait already, and the signal's reason when that is aborted. What was let in, leaves.
   */
  enter(queryId: string, bytes: number, expiresAt: number, signal: AbortSignal): Promise<void> | undefined;
  leave(queryId: string): void;
  status(): { readonly running: number; readonly queued: number; readonly reservedBytes: number };
  close(): void;
}

interface Waiting {
  readonly admit: () => void;
  readonly reject: (error: unknown) => void;
}

type Happened<E> = E extends unknown ? Omit<E, "now"> : never;

export const openAdmission = (budgetBytes: number, maxQueued: number): Admission => {
  let state = idleAdmission(budgetBytes, maxQueued);
  let timer: NodeJS.Timeout | undefined;
  const waiting = new Map<string, Waiting>();

  const apply = (event: Happened<AdmissionEvent>): void => {
    const next = stepAdmission(state, { ...event, now: performance.now() } as AdmissionEvent);
    state = next.state;
    for (const effect of next.effects) {
      const found = waiting.get(effect.queryId);
      waiting.delete(effect.queryId);
      if (effect.kind === "admit") found?.admit();
      else {
        const { code, message, hint } = effect.failure;
        found?.reject(new QueryError(code, message, hint === undefined ? {} : { hint }));
      }
    }
    clearTimeout(timer);
    const first = state.queue.reduce((least, { expiresAt }) => Math.min(least, expiresAt), Number.POSITIVE_INFINITY);
    // Infinity, and times beyond what timers can count, are looked at again later.
    timer =
      state.queue.length === 0
        ? undefined
        : setTimeout(() => apply({ kind: "tick" }), Math.min(Math.max(first - performance.now(), 0) + 1, MAX_TIMER_MS));
  };

  return {
    budgetBytes,
    enter: (queryId, bytes, expiresAt, signal) => {
      let settled: { readonly error: unknown } | "admitted" | undefined;
      let settle: Waiting = {
        admit: () => {
          settled = "admitted";
        },
        reject: (error) => {
          settled = { error };
        },
      };
      waiting.set(queryId, { admit: () => settle.admit(), reject: (error) => settle.reject(error) });
      apply({ kind: "submit", queryId, bytes, expiresAt });
      if (settled === "admitted") return undefined;
      if (settled !== undefined) return Promise.reject((settled as { readonly error: unknown }).error);
      return new Promise<void>((resolve, reject) => {
        const abort = (): void => {
          waiting.delete(queryId);
          apply({ kind: "leave", queryId });
          reject(signal.reason);
        };
        settle = {
          admit: () => {
            signal.removeEventListener("abort", abort);
            resolve();
          },
          reject: (error) => {
            signal.removeEventListener("abort", abort);
            reject(error);
          },
        };
        if (signal.aborted) abort();
        else signal.addEventListener("abort", abort, { once: true });
      });
    },
    leave: (queryId) => apply({ kind: "leave", queryId }),
    status: () => ({
      running: state.running.size,
      queued: state.queue.length,
      reservedBytes: [...state.running.values()].reduce((sum, bytes) => sum + bytes, 0),
    }),
    close: () => clearTimeout(timer),
  };
};

const MAX_TIMER_MS = 2 ** 31 - 1;
