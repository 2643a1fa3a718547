import { type EncodedBatch, type QueryMetrics, queryRun, type RowSource } from "@headcut/executor";
import { type PhysicalPlan, QueryError } from "@headcut/plan";
import type { Fragment } from "../cut/fragment.ts";
import { batchBuffer } from "../exchange/batch-buffer.ts";
import { canUnwire, unwired, wireColumns } from "../exchange/wire-columns.ts";
import { bindTask } from "./bind-task.ts";
import { inParallel } from "./in-parallel.ts";
import { type InputBytes, loadInputs } from "./load-inputs.ts";
import type { QueryAccount } from "./query-account.ts";
import { isOwn, readInput } from "./read-input.ts";
import type { WorkerContext } from "./run-attempt.ts";
import type { InputAt } from "./task-codec.ts";
import type { RootOptions, RootRun } from "./worker.ts";

interface RootParts {
  readonly context: WorkerContext;
  readonly queryId: string;
  readonly account: QueryAccount;
  readonly fragment: Fragment;
  readonly inputs: readonly InputAt[];
  readonly options: RootOptions;
  /** Aborted by whoever ends the query; the run aborts it itself when it is cancelled. */
  readonly stop: AbortController;
}

/** How the root's rows come about, once someone asks. */
interface RootRows extends RowSource {
  readonly received: Promise<void>;
}

/** The root of a query: its rows are read from the run, and kept nowhere. */
export const runRoot = (parts: RootParts): RootRun => {
  const { fragment, options } = parts;
  const bytes: InputBytes = { bytesIn: 0, bytesOwn: 0 };
  const rows = isPassedThrough(fragment) ? passThrough(parts, bytes) : execute(parts, bytes);
  rows.received.catch(() => undefined);
  rows.metrics.catch(() => undefined);
  const columns = fragment.plan.columns.map(({ name, type, nullable }, i) => ({
    name: options.names[i] ?? name,
    type,
    nullable,
  }));
  return { ...queryRun(rows, columns), received: rows.received, inputBytes: () => ({ ...bytes }) };
};

/** Whether the root does nothing but hand on what it gathers, in any order. */
export const isPassedThrough = ({ plan, inputs }: Fragment): boolean =>
  plan.kind === "scan" &&
  inputs.length === 1 &&
  inputs[0]!.operatorId === plan.operatorId &&
  plan.filters.length === 0 &&
  plan.columns.length === plan.table.columns.length &&
  plan.columns.every(({ id }, i) => plan.read.find((column) => column.id === id)?.index === i) &&
  canUnwire(plan.columns);

/**
 * The fragment whose rows the root hands on while they are made, if it keeps none of them: what is passed through, or merged, with projections and a limit
 * above.
 */
export const streamedFrom = (root: Fragment): number | undefined => {
  const [input] = root.inputs;
  return input !== undefined && (isPassedThrough(root) || (root.inputs.length === 1 && isMergeAlone(root.plan)))
    ? input.from
    : undefined;
};

const isMergeAlone = (plan: PhysicalPlan): boolean => {
  switch (plan.kind) {
    case "project":
    case "limit":
    case "filter":
      return isMergeAlone(plan.input);
    case "sort":
      return plan.inRuns === true;
    default:
      return false;
  }
};

/** What is read ahead of the reader. */
const BUFFER_BYTES = 16 << 20;

const passThrough = ({ context, queryId, fragment, inputs, stop }: RootParts, bytes: InputBytes): RootRows => {
  const start = performance.now();
  const buffer = batchBuffer(BUFFER_BYTES);
  const { plan } = fragment;
  const columns = wireColumns(plan.columns);
  let [rows, resultBytes] = [0, 0];
  const { signal } = stop;
  const onAbort = (): void => buffer.end(signal.reason as Error);
  signal.addEventListener("abort", onAbort, { once: true });
  const reading = async (): Promise<void> => {
    try {
      // All of them: one that is not read makes its node wait.
      await inParallel(inputs, inputs.length, async (input) => {
        for await (const piece of readInput(context, queryId, input, columns, signal)) {
          if (isOwn(context, input)) bytes.bytesOwn += piece.bytes;
          else bytes.bytesIn += piece.bytes;
          rows += piece.batch.rowCount;
          resultBytes += piece.bytes;
          await buffer.push(unwired(piece.batch, plan.columns), piece.bytes);
        }
      });
      signal.throwIfAborted();
      buffer.end();
    } catch (error) {
      buffer.end(error as Error);
      stop.abort(error);
      throw error;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  };
  const received = reading();
  const metrics = received.then((): QueryMetrics => {
    const operatorRows = new Array<number>(plan.operatorId + 1).fill(0);
    operatorRows[plan.operatorId] = rows;
    return {
      threads: context.engine.threads,
      totalMs: performance.now() - start,
      planScansMs: 0,
      generateMs: 0,
      compileMs: 0,
      operatorRows,
      pipelines: [],
      scans: [],
      timeline: [],
      peakBytes: 0,
      resultRows: rows,
      resultBytes,
    };
  });
  return { next: buffer.next, received, metrics, cancel: () => cancelled(stop, metrics) };
};

const execute = (parts: RootParts, bytes: InputBytes): RootRows => {
  const { context, queryId, account, fragment, inputs, options, stop } = parts;
  const { signal } = stop;
  const start = performance.now();
  const loading = loadInputs({ source: context, queryId, fragment, inputs, account, signal, bytes });
  const running = loading.then((loaded) => {
    try {
      const { plan, template } = bindTask(context, fragment, { kind: "coordinator" }, loaded.sources);
      const run = context.engine.execute(plan, options.names, {
        signal,
        memoryLimitBytes: account.freeBytes(),
        template,
      });
      const batches = run.encodedBatches()[Symbol.asyncIterator]();
      const metrics = run.metrics.finally(loaded.drop);
      return { batches, metrics, tableBytes: loaded.tableBytes, received: loaded.streamed ? metrics : undefined };
    } catch (error) {
      loaded.drop();
      throw error;
    }
  });
  const metrics = running.then(async (run): Promise<QueryMetrics> => {
    const own = await run.metrics;
    return { ...own, totalMs: performance.now() - start, peakBytes: own.peakBytes + run.tableBytes };
  });
  return {
    next: async (): Promise<EncodedBatch | undefined> => {
      const { batches } = await running;
      const { done, value } = await batches.next();
      return done === true ? undefined : value;
    },
    received: running.then(async ({ received }) => void (await received)),
    metrics,
    cancel: () => cancelled(stop, metrics),
  };
};

/** Stops what runs; resolves when it has ended. */
const cancelled = async (stop: AbortController, metrics: Promise<unknown>): Promise<void> => {
  stop.abort(new QueryError("cancelled", "the query was cancelled"));
  await metrics.catch(() => undefined);
};
