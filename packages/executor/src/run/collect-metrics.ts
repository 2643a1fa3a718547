import type { CompiledQuery } from "../pipelines/compiled-pipeline.ts";
import type { QueryMemory } from "./query-memory.ts";
import type { PipelineMetrics, QueryMetrics, ScanTotals, TimelineSpan } from "./query-metrics.ts";
import type { TaskOutcome } from "./query-task.ts";
import type { RuntimeFilterMetrics } from "./runtime-filter.ts";
import type { PlannedScan } from "./scan-plan.ts";

/**
 * `outcomes`: of all tasks, `threads` for each time the query ran without pause. `start`: the query's, on the clock of `sharedNow`.
 */
export const collectMetrics = (
  compiled: CompiledQuery,
  memory: QueryMemory,
  outcomes: readonly TaskOutcome[],
  scans: readonly PlannedScan[],
  start: number,
  rest: Omit<QueryMetrics, "operatorRows" | "pipelines" | "timeline" | "scans" | "peakBytes">,
): QueryMetrics => ({
  ...rest,
  operatorRows: memory.operatorRows(),
  pipelines: pipelineMetrics(compiled, outcomes, rest.threads),
  timeline: timeline(compiled, outcomes, rest.threads, start),
  scans: scans.map((scan) => scanTotals(scan, outcomes)),
  peakBytes: memory.peakBytes(),
});

const pipelineMetrics = (
  compiled: CompiledQuery,
  outcomes: readonly TaskOutcome[],
  threads: number,
): PipelineMetrics[] => {
  let step = 0;
  return compiled.pipelines.map(({ name, operatorIds, phases }) => {
    const [first, last] = [step, step + phases.length];
    step = last;
    const byThread = new Array<number>(threads).fill(0);
    outcomes.forEach(({ spans }, i) => {
      for (const { step, start, end } of spans) if (step >= first && step < last) byThread[i % threads]! += end - start;
    });
    return {
      name,
      operatorIds,
      busyMs: byThread.reduce((sum, ms) => sum + ms, 0),
      longestMs: Math.max(...byThread),
    };
  });
};

const timeline = (
  compiled: CompiledQuery,
  outcomes: readonly TaskOutcome[],
  threads: number,
  origin: number,
): TimelineSpan[] => {
  const steps = compiled.pipelines.flatMap(({ phases }, pipeline) => phases.map((phase) => ({ pipeline, phase })));
  return outcomes.flatMap(({ began, ended, spans }, i): TimelineSpan[] => {
    const thread = i % threads;
    const task = { thread, pipeline: undefined, phase: "task", startMs: began - origin, endMs: ended - origin };
    const work = spans.map(({ step, start, end }): TimelineSpan => {
      const { pipeline, phase } = steps[step]!;
      const name = `${phase.kind} ${phase.function}`;
      return { thread, pipeline, phase: name, startMs: start - origin, endMs: end - origin };
    });
    return [task, ...work];
  });
};

const scanTotals = ({ operatorId, plan, pruning }: PlannedScan, outcomes: readonly TaskOutcome[]): ScanTotals => {
  const total = { rowsRead: 0, bytesRead: 0, pagesRead: 0, pagesPruned: 0, cacheHits: 0, cacheMisses: 0 };
  const filters = new Map<number, RuntimeFilterMetrics>();
  for (const scan of outcomes.flatMap(({ scans }) => scans)) {
    if (scan.operatorId !== operatorId) continue;
    total.rowsRead += scan.rowsRead;
    total.bytesRead += scan.bytesRead;
    total.pagesRead += scan.pagesRead;
    total.pagesPruned += scan.pagesPruned;
    total.cacheHits += scan.cacheHits;
    total.cacheMisses += scan.cacheMisses;
    scan.runtimeFilters.forEach(({ column, rows, passed, rowGroupsPruned }, i) => {
      const sum = filters.get(i) ?? { column, rows: 0, passed: 0, rowGroupsPruned: 0 };
      sum.rows += rows;
      sum.passed += passed;
      sum.rowGroupsPruned += rowGroupsPruned;
      filters.set(i, sum);
    });
  }
  return {
    operatorId,
    morsels: plan.kind === "stream" ? 0 : plan.morsels.length,
    ...pruning,
    ...total,
    runtimeFilters: [...filters.values()],
  };
};
