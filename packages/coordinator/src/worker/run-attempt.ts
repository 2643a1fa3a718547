import type { QueryMetrics } from "@headcut/executor";
import { meterCpu } from "../cost/cpu-meter.ts";
import type { Fragment } from "../cut/fragment.ts";
import { keySetBuilder } from "../exchange/key-set.ts";
import type { OutputStore, StoredOutput } from "../exchange/output-store.ts";
import { type StreamedOutput, streamedOutput } from "../exchange/streamed-output.ts";
import { wireColumns } from "../exchange/wire-columns.ts";
import type { AttemptReport } from "./attempt-report.ts";
import { bindTask } from "./bind-task.ts";
import { type InputBytes, loadInputs } from "./load-inputs.ts";
import { type LoadedKeys, loadKeys } from "./load-keys.ts";
import type { Launch } from "./messages.ts";
import { operatorsOf } from "./operators-of.ts";
import type { QueryAccount } from "./query-account.ts";
import type { InputSource } from "./read-input.ts";
import type { WorkerOptions } from "./worker.ts";
import { partitionCount, writeOutput } from "./write-output.ts";

/** What all attempts of a worker share. */
export interface WorkerContext extends Pick<WorkerOptions, "engine" | "shards">, InputSource {
  readonly store: OutputStore;
}

export interface AttemptResult {
  readonly output: StoredOutput;
  readonly report: AttemptReport;
}

interface AttemptParts {
  readonly context: WorkerContext;
  readonly queryId: string;
  readonly account: QueryAccount;
  readonly fragment: Fragment;
  readonly launch: Launch;
  readonly signal: AbortSignal;
  readonly onReceived: () => void;
  /** Of a streamed attempt with many rows: the output is to be read from now on, and is the caller's. */
  readonly onReadable: (result: AttemptResult) => void;
}

/**
 * Reads the inputs, runs the plan, keeps its rows. When it ends, well or with an error, nothing of it is left but the
 * output it returns. Throws what went wrong, or the signal's reason.
 */
export const runAttempt = async (parts: AttemptParts): Promise<AttemptResult> => {
  const { context, queryId, account, fragment, launch, signal, onReceived, onReadable } = parts;
  const start = performance.now();
  const cpuMs = meterCpu();
  const bytes: InputBytes = { bytesIn: 0, bytesOwn: 0 };
  const { inputs, work, keySets = [] } = launch;
  const loaded = await loadInputs({ source: context, queryId, fragment, inputs, account, signal, bytes });
  let keys: LoadedKeys | undefined;
  let stored: StoredOutput | undefined;
  let streamed: StreamedOutput | undefined;
  let isReadable = false;
  // Who waits for a reader must not wait for ever.
  const onAbort = (): void => streamed?.end(signal.reason as Error);
  try {
    if (!loaded.streamed) onReceived();
    keys = loadKeys(context.engine, fragment, keySets, account);
    const columns = wireColumns(fragment.plan.columns);
    const { plan, template } = bindTask(
      context,
      fragment,
      work,
      new Map([...loaded.sources, ...keys.sources]),
      keys.missing,
    );
    const kept = context.store.create(partitionCount(fragment.output), columns);
    stored = kept;
    if (launch.streamed) {
      streamed = streamedOutput(kept, columns, () => {
        isReadable = true;
        const soFar = { ...bytes, elapsedMs: performance.now() - start, peakBytes: loaded.tableBytes };
        onReadable({ output: streamed!, report: { ...NOTHING_YET, ...soFar } });
      });
      stored = streamed;
      signal.addEventListener("abort", onAbort, { once: true });
    }
    const run = context.engine.execute(
      plan,
      plan.columns.map(({ name }) => name),
      {
        signal,
        memoryLimitBytes: work.kind === "coordinator" ? account.freeBytes() : account.shareBytes(),
        template,
        fillCache: work.kind !== "splits" || work.fillCache,
      },
    );
    const tellers = (fragment.keysOf ?? []).map((index) => ({ index, keys: keySetBuilder(columns[index]!.type) }));
    const rows = await writeOutput(run, columns, fragment.output, stored, signal, tellers);
    streamed?.end();
    const metrics = await run.metrics;
    if (loaded.streamed) onReceived();
    signal.throwIfAborted();
    const report: AttemptReport = {
      rows,
      bytes: stored.bytes(),
      ...bytes,
      elapsedMs: performance.now() - start,
      cpuMs: cpuMs(metrics.pipelines),
      ...reportOf(metrics, fragment),
      peakBytes: metrics.peakBytes + loaded.tableBytes + keys.tableBytes,
      ...(tellers.length > 0 && { keySets: tellers.map((teller) => teller.keys.finish()) }),
    };
    return { output: stored, report };
  } catch (error) {
    streamed?.end(error as Error);
    if (!isReadable) await stored?.drop();
    throw error;
  } finally {
    keys?.drop();
    signal.removeEventListener("abort", onAbort);
    loaded.drop();
  }
};

/** Of an attempt that still runs. */
const NOTHING_YET = { rows: 0, bytes: 0, cpuMs: 0, operators: [], scans: [] };

const reportOf = (
  { operatorRows, scans }: QueryMetrics,
  { plan }: Fragment,
): Pick<AttemptReport, "operators" | "scans"> => ({
  operators: operatorsOf(plan).map((operatorId) => ({ operatorId, rows: operatorRows[operatorId] ?? 0 })),
  scans: scans.map(({ runtimeFilters: _, ...scan }) => scan),
});
