import { QueryError } from "@headcut/plan";
import type { Fragment } from "../cut/fragment.ts";
import type { StoredOutput } from "../exchange/output-store.ts";
import type { AttemptId } from "../schedule/query-state.ts";
import { attemptFailureOf } from "./attempt-failure.ts";
import type { FromWorker, Launch } from "./messages.ts";
import { queryAccount } from "./query-account.ts";
import { type AttemptResult, runAttempt, type WorkerContext } from "./run-attempt.ts";
import { runRoot } from "./run-root.ts";
import type { WorkSession } from "./worker.ts";

/** What one query has on this node, whoever coordinates it. */
export interface Session extends Omit<WorkSession, "events"> {
  /** What an attempt put out; undefined when there is nothing (any more, or yet). */
  output(attemptId: AttemptId): StoredOutput | undefined;
  /** Those that were stopped too, until nothing of them runs. */
  runningAttempts(): number;
}

interface Entry {
  readonly stop: AbortController;
  /** Resolves when nothing runs any more. */
  readonly done: Promise<void>;
  /** Said again to who launches it again. */
  end: FromWorker | undefined;
  output: StoredOutput | undefined;
  /** Resolves when what it put out is gone. */
  dropped: Promise<void> | undefined;
}

const HEARD_MS = 1000;

const stopped = (): QueryError => new QueryError("cancelled", "the query was cancelled");

/** `emit` is told of the attempts until the session is closed, never after. */
export const openSession = (
  context: WorkerContext,
  queryId: string,
  memoryBytes: number,
  emit: (message: FromWorker) => void,
): Session => {
  const account = queryAccount(memoryBytes);
  const fragments = new Map<number, Fragment>();
  const attempts = new Map<AttemptId, Entry>();
  const roots = new Map<AbortController, Promise<unknown>>();
  let running = 0;
  let closed: Promise<void> | undefined;

  const tell = (message: FromWorker): void => {
    if (closed === undefined) emit(message);
  };

  const run = async (launch: Launch, entry: Omit<Entry, "done">): Promise<void> => {
    const { attemptId, fragmentId } = launch;
    const { signal } = entry.stop;
    let received = launch.inputs.length === 0;
    running++;
    const heard = setInterval(() => tell({ kind: "heard", attemptId, received }), HEARD_MS);
    try {
      // A turn, so that the entry is known before anything happens.
      await Promise.resolve();
      const fragment = fragments.get(fragmentId);
      if (fragment === undefined) throw new QueryError("io", `fragment ${fragmentId} was not sent to this node`);
      const onReceived = (): void => {
        if (received) return;
        received = true;
        tell({ kind: "heard", attemptId, received });
      };
      const onReadable = ({ output, report }: AttemptResult): void => {
        entry.output = output;
        tell({ kind: "finished", attemptId, report, complete: false });
      };
      const parts = { context, queryId, account, fragment, launch, signal, onReceived, onReadable };
      const { output, report } = await runAttempt(parts);
      if (signal.aborted) {
        await output.drop();
        return;
      }
      entry.output = output;
      entry.end = { kind: "finished", attemptId, report, complete: true };
    } catch (error) {
      if (signal.aborted) return;
      entry.end = { kind: "failed", attemptId, reason: attemptFailureOf(error) };
    } finally {
      running--;
      clearInterval(heard);
    }
    tell(entry.end);
  };

  const stop = (attemptId: AttemptId): void => {
    const entry = attempts.get(attemptId);
    if (entry === undefined) return;
    entry.stop.abort(stopped());
    entry.end = undefined;
    const { output } = entry;
    entry.output = undefined;
    entry.dropped ??= output?.drop();
  };

  const close = async (): Promise<void> => {
    for (const root of roots.keys()) root.abort(stopped());
    for (const { stop } of attempts.values()) stop.abort(stopped());
    await Promise.all([...[...attempts.values()].map(({ done }) => done), ...roots.values()]);
    await Promise.all([...attempts.values()].map(({ output, dropped }) => output?.drop() ?? dropped));
    attempts.clear();
  };

  return {
    queryId,
    addFragment: (fragment) => {
      fragments.set(fragment.fragmentId, fragment);
    },
    launch: (launch) => {
      if (closed !== undefined) return;
      const known = attempts.get(launch.attemptId);
      if (known !== undefined) {
        if (known.end !== undefined) tell(known.end);
        return;
      }
      const entry = { stop: new AbortController(), end: undefined, output: undefined, dropped: undefined };
      attempts.set(launch.attemptId, Object.assign(entry, { done: run(launch, entry) }));
    },
    stop,
    output: (attemptId) => attempts.get(attemptId)?.output,
    runningAttempts: () => running,
    runRoot: (fragment, inputs, options) => {
      const stop = new AbortController();
      const { signal } = options;
      const onAbort = (): void => stop.abort(signal?.reason);
      if (closed !== undefined) stop.abort(stopped());
      else if (signal?.aborted === true) onAbort();
      else signal?.addEventListener("abort", onAbort, { once: true });
      const root = runRoot({ context, queryId, account, fragment, inputs, options, stop });
      const forget = (): void => {
        roots.delete(stop);
        signal?.removeEventListener("abort", onAbort);
      };
      roots.set(stop, root.metrics.then(forget, forget));
      return root;
    },
    close: () => {
      closed ??= close();
      return closed;
    },
  };
};
