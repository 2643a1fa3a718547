import type { PipelineSource } from "../pipelines/compiled-pipeline.ts";
import type { MemoryScanPlan } from "../tables/scan-plan.ts";

/** What threads need to read a table, made before the query runs: plain data, copied to workers. */
export type ScanPlan = MemoryScanPlan;

export type ScanSource = Extract<PipelineSource, { kind: "scan" }>;

export interface PlannedScan {
  readonly operatorId: number;
  readonly plan: ScanPlan;
  readonly rowGroupsPruned: number;
  /** Ends the query's hold on what the plan points to. Once. */
  readonly release: () => void;
}

/** Decides what to read of a table: pruning, a snapshot. Throws QueryError: a missing or corrupt file. */
export type PlanScan = (source: ScanSource) => PlannedScan | Promise<PlannedScan>;
