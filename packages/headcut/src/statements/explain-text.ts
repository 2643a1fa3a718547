import type { ClusterReport } from "@headcut/coordinator";
import type { QueryMetrics } from "@headcut/executor";
import type { PhysicalPlan } from "@headcut/plan";
import { explainText, type PlannedQuery, physicalPlanJson, printAnnotatedPlan } from "@headcut/planner";
import { clusterJson, clusterText, fragmentTrees } from "./cluster-text.ts";
import { rowsLine, scanLines } from "./operator-lines.ts";
import { bytes, ms } from "./quantities.ts";

/** EXPLAIN: how the statement is planned, and on a cluster, into which fragments it is cut. */
export const explainPlan = (planned: PlannedQuery, format: "text" | "json", fragments: string | undefined): string => {
  if (format === "json") return JSON.stringify(physicalPlanJson(planned.physical), null, 2);
  return fragments === undefined
    ? explainText(planned.trace)
    : `${explainText(planned.trace)}\n\nfragments:\n${fragments}`;
};

/** EXPLAIN ANALYZE: the plan with what happened: rows estimated and real, pruning, times, memory; on a cluster, what its nodes did. */
export const explainRun = (
  plan: PhysicalPlan,
  metrics: QueryMetrics,
  cluster: ClusterReport | undefined,
  format: "text" | "json",
): string => {
  if (format === "json") {
    return JSON.stringify(
      { plan: physicalPlanJson(plan), metrics, ...(cluster !== undefined && { cluster: clusterJson(cluster) }) },
      null,
      2,
    );
  }
  const pipelines = metrics.pipelines.map(
    ({ name, busyMs, longestMs }) => `  ${name}: ${ms(longestMs)} (${ms(busyMs)} over all threads)`,
  );
  return [
    cluster?.plan === undefined
      ? printAnnotatedPlan(plan, (operator) => operatorLines(operator, metrics))
      : fragmentTrees(cluster.plan, cluster),
    `total ${ms(metrics.totalMs)}: planning scans ${ms(metrics.planScansMs)}, compiling ${ms(metrics.compileMs)}`,
    `threads ${metrics.threads}, peak memory ${bytes(metrics.peakBytes)}, result ${metrics.resultRows} rows`,
    ...spillLines(metrics),
    `pipelines:\n${pipelines.join("\n")}`,
    ...(cluster === undefined ? [] : [clusterText(cluster)]),
  ].join("\n");
};

const spillLines = ({ spills = [], restarts = 0 }: QueryMetrics): string[] => {
  if (spills.length === 0) return [];
  const total = spills.reduce((sum, spill) => sum + spill.bytes, 0);
  return [`out of memory ${restarts} times, then ${bytes(total)} on disk`];
};

const operatorLines = (operator: PhysicalPlan, metrics: QueryMetrics): string[] => {
  const lines = [rowsLine(metrics.operatorRows[operator.operatorId], operator.estimatedRows)];
  const onDisk = (metrics.spills ?? []).filter(({ operatorId }) => operatorId === operator.operatorId);
  if (onDisk.length > 0) lines.push(`on disk ${bytes(onDisk.reduce((sum, spill) => sum + spill.bytes, 0))}`);
  const scan = metrics.scans.find(({ operatorId }) => operatorId === operator.operatorId);
  if (scan !== undefined) {
    lines.push(...scanLines(scan));
    for (const { column, rows, passed, rowGroupsPruned } of scan.runtimeFilters) {
      const name = operator.kind === "scan" ? operator.read[column]?.name : undefined;
      lines.push(`filter from a join on ${name}: ${rows} rows, ${passed} passed; pruned ${rowGroupsPruned} row groups`);
    }
  }
  return lines;
};
