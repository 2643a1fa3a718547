import type { CompiledQuery } from "../pipelines/compiled-pipeline.ts";
import type { QueryMemory } from "./query-memory.ts";
import type { PipelineMetrics, QueryMetrics, ScanTotals } from "./query-metrics.ts";
import type { TaskOutcome } from "./query-task.ts";
import type { RuntimeFilterMetrics } from "./runtime-filter.ts";
import type { PlannedScan } from "./scan-plan.ts";

/** `outcomes`: of all tasks, `threads` for each time the query ran without pause. */
export const collectMetrics = (
  compiled: CompiledQuery,
  memory: QueryMemory,
  outcomes: readonly TaskOutcome[],
  scans: readonly PlannedScan[],
  rest: Omit<QueryMetrics, "operatorRows" | "pipelines" | "scans" | "peakBytes">,
): QueryMetrics => ({
  ...rest,
  operatorRows: memory.operatorRows(),
  pipelines: pipelineMetrics(compiled, outcomes, rest.threads),
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
    const [first, end] = [step, step + phases.length];
    step = end;
    const byThread = new Array<number>(threads).fill(0);
    outcomes.forEach(({ busyMs }, i) => {
      for (const ms of busyMs.slice(first, end)) byThread[i % threads]! += ms;
    });
    return {
      name,
      operatorIds,
      busyMs: byThread.reduce((sum, ms) => sum + ms, 0),
      longestMs: Math.max(...byThread),
    };
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
  return { operatorId, morsels: plan.morsels.length, ...pruning, ...total, runtimeFilters: [...filters.values()] };
};
