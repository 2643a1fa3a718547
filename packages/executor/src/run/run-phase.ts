import { assert, QueryError } from "@headcut/plan";
import { queryBlock, threadContext } from "../layout/context.ts";
import { heldMemory, purposeOf } from "../memory/held-memory.ts";
import { openParquetScanCursor } from "../parquet/scan-cursor.ts";
import { createPageStore, type PageStore } from "../spill/page-store.ts";
import { openSpoolCursor } from "../spill/spool-cursor.ts";
import { openRuns, openStream } from "../streams/open-stream.ts";
import type { Claim } from "../streams/stream-plan.ts";
import { morselsOf, openMemoryScan } from "../tables/memory-scan.ts";
import { OperatorOutOfMemory } from "./error-record.ts";
import { farSource } from "./far-source.ts";
import { unpackScanPlan } from "./packed-scan-plan.ts";
import { openNoneCursor, openRowCursor, segmentCount } from "./row-cursor.ts";
import { type AdaptiveFilter, createAdaptiveFilter } from "./runtime-filter.ts";
import type { ScanCursor, ScanFilterFunction } from "./scan-cursor.ts";
import { openSeriesCursor, seriesBlocks } from "./series-cursor.ts";
import type { Step, TaskContext } from "./task-context.ts";

/** Of a step's counter: the source needs to give no more. */
const COUNTER_CLOSED = 0x7f000000;

export type PhaseOutcome = "done" | "paused" | "stopped";

/** This thread's share of a phase that is not `once`. */
export const runPhase = (context: TaskContext, step: Step): PhaseOutcome | Promise<PhaseOutcome> => {
  switch (step.phase.kind) {
    case "perThread":
      context.instance(step).function(step.phase.function)(step.pipeline.context, 0);
      context.writer.keepStrings();
      return "done";
    case "tasks":
      return runTasks(context, step, step.phase.function, step.phase.countOffset);
    case "source":
      if (step.phase.ordered === true && context.task.threadIndex !== 0) return "done";
      return runSource(context, step, step.phase.function);
    case "once":
      throw new Error("internal error: a once phase runs at a barrier");
  }
};

const runTasks = async (context: TaskContext, step: Step, name: string, countOffset: number): Promise<PhaseOutcome> => {
  const { runtime, task, control, writer } = context;
  const { memory, kernels } = runtime.heap;
  const call = context.instance(step).function(name);
  const scratch = memory.u32[(step.pipeline.context + threadContext.scratch) >>> 2]!;
  const counter = (task.addresses.counters >>> 2) + step.index;
  const count = memory.u32[(task.addresses.states + countOffset) >>> 2]!;
  for (;;) {
    if (control.stopped()) return "stopped";
    if (control.paused()) return "paused";
    const claimed = Atomics.add(memory.u32, counter, 1);
    if (claimed >= count) return "done";
    kernels.arenaReset(scratch);
    call(step.pipeline.context, claimed);
    writer.keepStrings();
    const breath = runtime.breathe?.();
    if (breath !== undefined) await breath;
  }
};

const runSource = async (context: TaskContext, step: Step, name: string): Promise<PhaseOutcome> => {
  const { runtime, task, control, writer } = context;
  const { memory, kernels } = runtime.heap;
  const { cursor, claim, filters } = namingScan(context, step, () => openSource(context, step));
  try {
    const process = context.instance(step).function(name);
    const scratch = memory.u32[(step.pipeline.context + threadContext.scratch) >>> 2]!;
    const counter = (task.addresses.counters >>> 2) + step.index;
    /** Claimed already, and being fetched. It is this thread's to do, whatever comes. */
    let ahead: number | undefined;
    for (;;) {
      if (control.stopped()) return "stopped";
      if (ahead === undefined && control.paused()) return "paused";
      const claimed: Claim = ahead ?? claim();
      ahead = undefined;
      if (claimed === "ended") return "done";
      if (claimed === "starved") {
        // Others may have the threads meanwhile.
        control.pause();
        return "paused";
      }
      const started = namingScan(context, step, () => cursor.start(claimed));
      if (cursor.readAhead !== undefined && !control.paused()) {
        const next = claim();
        if (typeof next === "number") {
          ahead = next;
          cursor.readAhead(next);
        }
      }
      if (started !== undefined) await started;
      for (;;) {
        kernels.arenaReset(scratch);
        const next = namingScan(context, step, cursor.next);
        if (!(typeof next === "boolean" ? next : await next)) break;
        if (cursor.count > 0) {
          const enough = process(step.pipeline.context, cursor.batch, cursor.selection, cursor.count);
          writer.keepStrings();
          if (enough !== 0) Atomics.store(memory.u32, counter, COUNTER_CLOSED);
        }
        if (control.stopped()) return "stopped";
        if (Atomics.load(memory.u32, counter) >= COUNTER_CLOSED) return "done";
        const breath = runtime.breathe?.();
        if (breath !== undefined) await breath;
      }
    }
  } finally {
    if (step.pipeline.source.kind === "scan") {
      const runtimeFilters = filters.flatMap(({ runtime }) => (runtime === undefined ? [] : [runtime.metrics]));
      context.scans.push({ operatorId: step.pipeline.source.scan.operatorId, ...cursor.metrics, runtimeFilters });
    }
    const closed = cursor.close();
    if (closed !== undefined) await closed;
  }
};

/** A scan does not know which operator it is: here its memory, and the lack of it, become the operator's. */
const namingScan = <T>({ runtime, task }: TaskContext, { pipeline: { source } }: Step, run: () => T): T => {
  if (source.kind !== "scan") return run();
  const { memory, kernels } = runtime.heap;
  const { operatorId } = source.scan;
  const fail = (error: unknown): never => {
    if (error instanceof QueryError && error.code === "out-of-memory") {
      throw new OperatorOutOfMemory(operatorId, "memory", heldMemory(memory, task.addresses.query));
    }
    throw error;
  };
  const before = kernels.chargeTo(purposeOf(operatorId));
  try {
    const result = run();
    // Chunks of some codecs are decompressed while others wait.
    return result instanceof Promise ? (result.catch(fail) as T) : result;
  } catch (error) {
    return fail(error);
  } finally {
    kernels.chargeTo(before);
  }
};

const pageStore = ({ runtime, task }: TaskContext, operatorId: number): PageStore | undefined =>
  task.spill === undefined || task.pageFile === undefined
    ? undefined
    : createPageStore(runtime.heap.memory, task.spill, task.pageFile, operatorId);

interface OpenSource {
  readonly cursor: ScanCursor;
  /** The next morsel that is this thread's to do. */
  readonly claim: () => Claim;
  readonly filters: readonly ScanFilterFunction[];
}

const openSource = (context: TaskContext, step: Step): OpenSource => {
  const { runtime, task } = context;
  const { source } = step.pipeline;
  const { memory, kernels } = runtime.heap;
  const counter = (task.addresses.counters >>> 2) + step.index;
  const upTo = (morsels: number) => (): Claim => {
    const next = Atomics.add(memory.u32, counter, 1);
    return next < morsels ? next : "ended";
  };
  switch (source.kind) {
    case "none":
      return { cursor: openNoneCursor(), claim: upTo(1), filters: [] };
    case "series": {
      const { count } = source;
      return { cursor: openSeriesCursor(count), claim: upTo(seriesBlocks(count)), filters: [] };
    }
    case "spool": {
      const files = task.spill;
      assert(files !== undefined, "a spool is read in a query that has no files");
      const cursor = openSpoolCursor(runtime.heap, task, source, files);
      return { cursor, claim: upTo(cursor.morsels), filters: [] };
    }
    case "rows": {
      const head = task.addresses.states + source.listOffset;
      return { cursor: openRowCursor(memory, head), claim: upTo(segmentCount(memory, head)), filters: [] };
    }
    case "runs":
      return { ...openRuns(context, source), filters: [] };
    case "scan": {
      const { scan } = source;
      const plan = unpackScanPlan(source.plan);
      const filters = scan.filters.map((filter): ScanFilterFunction => {
        const run = context.instance(step).function(filter.function);
        const adaptive = (state: number): AdaptiveFilter =>
          createAdaptiveFilter(memory, kernels.runtimeFilterMayPass, task.addresses.states + state, filter.columns[0]!);
        return {
          columns: filter.columns,
          mayFail: filter.mayFail,
          ...(filter.runtime === undefined ? {} : { runtime: adaptive(filter.runtime.state) }),
          run: (batch: number, rows: number, count: number, out: number) =>
            run(batch, rows, count, out, step.pipeline.context),
        };
      });
      const { query } = task.addresses;
      if (plan.kind === "stream") return { ...openStream(context, plan, scan.columns, filters), filters };
      const budgetBytes = Number(memory.u64[(query + queryBlock.limitBytes) >>> 3]!) / task.threadCount;
      const cursor =
        plan.kind === "memory"
          ? openMemoryScan(runtime.heap, query, morselsOf(plan), scan.columns, filters)
          : openParquetScanCursor(
              runtime.heap,
              query,
              plan,
              scan,
              filters,
              budgetBytes,
              farSource(context, plan),
              pageStore(context, scan.operatorId),
            );
      return { cursor, claim: upTo(plan.morsels.length), filters };
    }
  }
};
