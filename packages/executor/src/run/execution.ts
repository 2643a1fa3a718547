import { assert, QueryError } from "@headcut/plan";
import { createBreathe } from "../io/breath.ts";
import { engineFull } from "../memory/engine-full.ts";
import type { Heap } from "../memory/heap.ts";
import { type HeldMemory, purposeOf } from "../memory/held-memory.ts";
import type { CompiledQuery } from "../pipelines/compiled-pipeline.ts";
import { createBatchQueue } from "../results/batch-queue.ts";
import { batchBytes, type EncodedBatch } from "../results/encoded-batch.ts";
import type { RowSource } from "../results/query-run.ts";
import type { Attempt, SpillPolicy } from "../spill/choose-spilling.ts";
import { closeSpools, spilledBytes } from "../spill/close-spools.ts";
import { type OpenSpillFiles, plainFiles, type SpillFolder } from "../spill/spill-folder.ts";
import type { Feed } from "../streams/open-feed.ts";
import { sharedNow } from "./clock.ts";
import { collectMetrics } from "./collect-metrics.ts";
import { type Control, controlOf } from "./control-block.ts";
import { restoreError } from "./error-record.ts";
import type { ModuleCache } from "./module-cache.ts";
import { packScanPlan } from "./packed-scan-plan.ts";
import { allocateQueryMemory, type QueryMemory } from "./query-memory.ts";
import type { QueryMetrics } from "./query-metrics.ts";
import type { ErrorRecord, PipelineTask, Position, QueryTask, SourceTask } from "./query-task.ts";
import { runToEnd } from "./run-to-end.ts";
import type { PlannedScan, PlanScan, RunsSource, ScanSource } from "./scan-plan.ts";
import type { TaskRunner } from "./task-runner.ts";
import { type Limits, watchLimits } from "./watch-limits.ts";
import { watchProgress } from "./watch-progress.ts";

export interface ExecutionParts {
  readonly heap: Heap;
  readonly modules: ModuleCache;
  readonly planScan: PlanScan;
  readonly runner: TaskRunner;
  readonly spill: SpillFolder;
  /** Tells who gets the batches of a query, until the returned function is called. */
  readonly listen: (queryId: number, push: (batch: EncodedBatch) => void) => () => void;
}

export interface ExecutionOptions extends Limits {
  readonly limitBytes: number;
  /** Fraction of the query's known work that is done, now and then. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
  /** For errors, by operatorId: `aggregate`, `scan of lineitem`. */
  readonly operatorNames: readonly string[];
  readonly spilling: SpillPolicy;
  /** Whether what is fetched for this query is kept for later ones: default true. */
  readonly fillCache?: boolean | undefined;
}

/** A query on its way. */
export type Execution = RowSource;

let nextQueryId = 1;

/** Starts at once; whoever starts it reads it to the end or cancels it. */
export const startExecution = (
  parts: ExecutionParts,
  compile: (attempt: Attempt) => CompiledQuery,
  options: ExecutionOptions,
): Execution => {
  let reason: Error | undefined;
  let control: Control | undefined;
  const feeds = new Set<Feed>();
  const stop = (error: Error): void => {
    reason ??= error;
    control?.stop();
    for (const feed of feeds) feed.stop();
    // Nobody wants the rows that are there already: a reader that takes them one by one would be long in hearing of it.
    queue.discard();
    queue.end(reason);
  };
  const queue = createBatchQueue((bytes) => control?.read(bytes));
  const checkStopped = (): void => {
    if (reason !== undefined) throw reason;
  };
  const unwatch = watchLimits(options, stop);

  const run = async (): Promise<QueryMetrics> => {
    const start = sharedNow();
    // A turn of the event loop, so that the caller has its handle before anything fails.
    await Promise.resolve();
    if (options.spilling.mayStartAgain) queue.hold();
    for (let attempt: Attempt = options.spilling.first(parts.runner.threads); ; ) {
      const outcome = await runOnce(start, attempt);
      if (outcome.kind === "done") return outcome.metrics;
      attempt = outcome.attempt;
    }
  };

  /** The metrics, or how the query is to start again. */
  const runOnce = async (start: number, attempt: Attempt): Promise<Outcome> => {
    const { spilling, threads } = attempt;
    const runner: TaskRunner = { threads, run: parts.runner.run };
    const scans: PlannedScan[] = [];
    let memory: QueryMemory | undefined;
    let unlisten: (() => void) | undefined;
    let watching: ReturnType<typeof setInterval> | undefined;
    let compiled: CompiledQuery | undefined;
    let files: OpenSpillFiles | undefined;
    try {
      checkStopped();
      const generateStart = performance.now();
      compiled = compile(attempt);
      const { pipelines, result: columns } = compiled;
      const compileStart = performance.now();
      const modules = pipelines.map(({ wasm }) => parts.modules.get(wasm));
      const planStart = performance.now();
      const sources: SourceTask[] = [];
      const breathe = createBreathe(checkStopped);
      for (const { source } of pipelines) {
        if (source.kind === "scan" || source.kind === "runs") {
          const planned = await parts.planScan(source, breathe, {
            checkWanted: checkStopped,
            fillCache: options.fillCache,
            onFailed: (error) => stop(error instanceof Error ? error : new Error(String(error))),
          });
          scans.push(planned);
          if (planned.feed !== undefined) feeds.add(planned.feed);
          sources.push(sourceTask(source, planned));
        } else {
          sources.push(source);
        }
        checkStopped();
      }
      const runStart = performance.now();

      const queryId = nextQueryId++;
      const limitBytes = limitOf(parts.heap, options, spilling);
      memory = allocateQueryMemory(parts.heap, compiled, threads, limitBytes);
      tellRuns(memory, pipelines, scans);
      const spoolCount = compiled.spools.length;
      const fileCount = spoolCount + (attempt.pagesOnDisk ? threads : 0);
      if (fileCount > 0) files = parts.spill.open(fileCount);
      const { query, control: block } = memory.addresses(0);
      control = controlOf(parts.heap.memory, query, block);
      const result = { rows: 0, bytes: 0 };
      unlisten = parts.listen(queryId, (batch) => {
        result.rows += batch.rowCount;
        result.bytes += batchBytes(batch);
        queue.push(batch);
        if (!options.spilling.holdsRows(attempt) && memory!.usedBytes() < SCARCE_SHARE * limitBytes) queue.letGo();
      });
      if (options.onProgress !== undefined) {
        watching = watchProgress(memory, compiled, sources, options.onProgress);
      }

      const taskOf = (thread: number, from: Position): QueryTask => ({
        queryId,
        threadIndex: thread,
        threadCount: threads,
        addresses: memory!.addresses(thread),
        pipelines: pipelines.map(
          ({ name, operatorIds, messages, attempt: mayFail, phases }, i): PipelineTask => ({
            name,
            module: modules[i]!.module,
            moduleId: modules[i]!.id,
            messages,
            context: memory!.context(i, thread),
            source: sources[i]!,
            attempt: mayFail,
            purpose: operatorIds.length === 0 ? 0 : purposeOf(operatorIds.at(-1)!),
            phases,
          }),
        ),
        result: columns.map(({ type, nullable }) => ({ type, nullable })),
        ...(files === undefined ? {} : { spill: plainFiles(files) }),
        ...(attempt.pagesOnDisk ? { pageFile: spoolCount + thread } : {}),
        from,
      });

      let again: Attempt | undefined;
      const inputsReady = async (): Promise<void> => {
        await Promise.all([...feeds].map((feed) => feed.ready()));
      };
      const outcomes = await runToEnd(runner, taskOf, control, { queue, inputsReady }, (reported) => {
        const record = reported && ownRecord(reported, compiled!);
        if (reason === undefined && isOutOfMemory(record) && queue.takeBack()) {
          again = options.spilling.next(attempt, record, memory!.operatorRows());
        }
        return reason ?? failureOf(record, options, parts.heap, memory!);
      }).catch((error: unknown) => {
        if (again === undefined) throw error;
        return undefined;
      });
      checkStopped();
      if (outcomes === undefined) return { kind: "again", attempt: again! };
      const metrics = collectMetrics(compiled, memory, outcomes, scans, start, {
        threads,
        restarts: attempt.restarts,
        spills: spilledBytes(compiled, memory),
        totalMs: sharedNow() - start,
        generateMs: compileStart - generateStart,
        compileMs: planStart - compileStart,
        planScansMs: runStart - planStart,
        resultRows: result.rows,
        resultBytes: result.bytes,
      });
      return { kind: "done", metrics };
    } finally {
      clearInterval(watching);
      unlisten?.();
      control = undefined;
      if (files !== undefined) closeSpools(parts.heap, files, compiled!, memory!);
      memory?.free();
      feeds.clear();
      for (const scan of scans) scan.release();
    }
  };

  const metrics = run()
    .finally(unwatch)
    .then(
      (collected) => {
        queue.end();
        return collected;
      },
      (error: unknown) => {
        const failure = error instanceof Error ? error : new Error(String(error));
        queue.end(failure);
        throw failure;
      },
    );
  metrics.catch(() => undefined);

  return {
    next: queue.next,
    metrics,
    cancel: async () => {
      stop(new QueryError("cancelled", "the query was cancelled"));
      await metrics.catch(() => undefined);
    },
  };
};

/** The table stays behind: all that threads need of it is in the plan. */
const sourceTask = ({ table: _, ...source }: ScanSource | RunsSource, { plan }: PlannedScan): SourceTask => {
  if (source.kind === "scan") return { kind: "scan", scan: source, plan: packScanPlan(plan) };
  assert(plan.kind === "stream", "runs come as a stream");
  return { ...source, plan };
};

/** How many runs there are to be merged. */
const tellRuns = (memory: QueryMemory, pipelines: CompiledQuery["pipelines"], scans: readonly PlannedScan[]): void => {
  for (const { source } of pipelines) {
    if (source.kind !== "runs") continue;
    const planned = scans.find(({ operatorId }) => operatorId === source.operatorId);
    memory.setState(source.state, planned!.feed!.runs);
  }
};

/** What a part of an operator has failed with, as the operator's own. */
const ownRecord = (record: ErrorRecord, { operatorCount, hidden }: CompiledQuery): ErrorRecord => {
  const owner = hidden[(record.operatorId ?? 0) - (operatorCount - hidden.length)];
  return owner === undefined ? record : { ...record, operatorId: owner };
};

type Outcome =
  | { readonly kind: "done"; readonly metrics: QueryMetrics }
  | { readonly kind: "again"; readonly attempt: Attempt };

/** Of an operator, or of the result, which is none. */
const isOutOfMemory = (record: ErrorRecord | undefined): record is ErrorRecord =>
  record?.code === "out-of-memory" && record.wanted !== "disk";

/** What the query may use: with rows on disk no more than there is, because operators make do with what they find. */
const limitOf = ({ kernels }: Heap, { limitBytes }: ExecutionOptions, spilling: ReadonlySet<number>): number =>
  spilling.size === 0
    ? limitBytes
    : Math.min(limitBytes, Math.floor(SPILLING_SHARE * Number(kernels.heapFreeBytes() + kernels.cacheBytes())));

/** Of what the query may use. With more in use, it may not be enough for what comes: rows are kept back, as long as they are not many. */
const SCARCE_SHARE = 1 / 2;

/** Other queries want some too. */
const SPILLING_SHARE = 0.9;

const failureOf = (
  record: ErrorRecord | undefined,
  { operatorNames, limitBytes }: ExecutionOptions,
  { kernels, memory: { bytes } }: Heap,
  memory: QueryMemory,
): Error => {
  if (record === undefined) return new Error("internal error: the query was stopped without a reason");
  if (record.operatorId === undefined) return restoreError(record);
  const nameOf = (operatorId: number): string => operatorNames[operatorId] ?? `operator ${operatorId}`;
  const name = nameOf(record.operatorId);
  if (record.wanted === "disk") {
    return new QueryError("out-of-memory", `${name} needs more room on disk than spillLimitBytes leaves`, {
      hint: "raise spillLimitBytes (--temp-limit), or give the query more memory",
    });
  }
  // The query still holds what it had: was it its own limit, or has the engine no more?
  if (Number(kernels.heapFreeBytes() + kernels.cacheBytes()) < limitBytes - memory.usedBytes()) {
    return engineFull(
      new QueryError(
        "out-of-memory",
        `${name} needs more memory than the engine has left of ${sizeText(bytes.length)}`,
        {
          hint: "run fewer queries at once, drop in-memory tables, or give the engine more memory",
        },
      ),
    );
  }
  const limit = sizeText(limitBytes);
  const held = heldText(record.held ?? [], nameOf);
  return new QueryError("out-of-memory", `${name} needs more memory than the query may use, ${limit}${held}`, {
    hint: "raise the memory limit, or let the query keep less: fewer groups, a smaller build side, LIMIT",
  });
};

/** More than these are not worth naming. */
const NAMED_OWNERS = 4;

/** Who had the memory, most first: ": scan of orders has 3 MiB, aggregate 64 KiB". */
const heldText = (held: readonly HeldMemory[], nameOf: (operatorId: number) => string): string => {
  const named = held.slice(0, NAMED_OWNERS).map(({ purpose, bytes }, i) => {
    const owner = purpose === 0 ? "the result" : nameOf(purpose - 1);
    return `${owner} ${i === 0 ? "has " : ""}${sizeText(bytes)}`;
  });
  const rest = held.slice(NAMED_OWNERS).reduce((sum, { bytes }) => sum + bytes, 0);
  if (rest > 0) named.push(`others ${sizeText(rest)}`);
  return named.length === 0 ? "" : `: ${named.join(", ")}`;
};

const sizeText = (bytes: number): string => {
  if (bytes < 2 ** 20) return `${Math.floor(bytes / 2 ** 10)} KiB`;
  return `${Math.floor((bytes / 2 ** 20) * 10) / 10} MiB`;
};
