import type { QueryMetrics } from "@headcut/executor";
import type { PhysicalPlan } from "@headcut/plan";
import { explainText, type PlannedQuery, physicalPlanJson, printAnnotatedPlan } from "@headcut/planner";

/** EXPLAIN: how the statement is planned. */
export const explainPlan = (planned: PlannedQuery, format: "text" | "json"): string =>
  format === "json" ? JSON.stringify(physicalPlanJson(planned.physical), null, 2) : explainText(planned.trace);

/** EXPLAIN ANALYZE: the plan with what happened: rows estimated and real, pruning, times, memory. */
export const explainRun = (plan: PhysicalPlan, metrics: QueryMetrics, format: "text" | "json"): string => {
  if (format === "json") return JSON.stringify({ plan: physicalPlanJson(plan), metrics }, null, 2);
  const tree = printAnnotatedPlan(plan, (operator) => operatorLines(operator, metrics));
  const pipelines = metrics.pipelines.map(
    ({ name, busyMs, longestMs }) => `  ${name}: ${ms(longestMs)} (${ms(busyMs)} over all threads)`,
  );
  return [
    tree,
    `total ${ms(metrics.totalMs)}: planning scans ${ms(metrics.planScansMs)}, compiling ${ms(metrics.compileMs)}`,
    `threads ${metrics.threads}, peak memory ${bytes(metrics.peakBytes)}, result ${metrics.resultRows} rows`,
    `pipelines:\n${pipelines.join("\n")}`,
  ].join("\n");
};

const operatorLines = (operator: PhysicalPlan, metrics: QueryMetrics): string[] => {
  const lines = [
    `rows: ${metrics.operatorRows[operator.operatorId] ?? 0} (estimated ${Math.round(operator.estimatedRows)})`,
  ];
  const scan = metrics.scans.find(({ operatorId }) => operatorId === operator.operatorId);
  if (scan !== undefined) {
    const { bytesRead, morsels, rowGroupsPruned, pagesPruned, cacheHits, cacheMisses } = scan;
    lines.push(
      `read ${bytes(bytesRead)} of ${morsels} row groups; pruned ${rowGroupsPruned} row groups, ${pagesPruned} pages`,
    );
    if (cacheHits + cacheMisses > 0) {
      lines.push(`column cache: ${cacheHits} of ${cacheHits + cacheMisses} column chunks`);
    }
    for (const { column, rows, passed, rowGroupsPruned } of scan.runtimeFilters) {
      const name = operator.kind === "scan" ? operator.read[column]?.name : undefined;
      lines.push(`filter from a join on ${name}: ${rows} rows, ${passed} passed; pruned ${rowGroupsPruned} row groups`);
    }
  }
  return lines;
};

const ms = (value: number): string => `${value.toFixed(value < 10 ? 2 : 1)} ms`;

const bytes = (value: number): string => {
  const units = ["B", "KiB", "MiB", "GiB"];
  const unit = Math.min(units.length - 1, value < 1 ? 0 : Math.floor(Math.log2(value) / 10));
  return `${(value / 1024 ** unit).toFixed(unit === 0 ? 0 : 1)} ${units[unit]}`;
};
