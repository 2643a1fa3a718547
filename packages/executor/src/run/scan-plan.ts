import type { Breathe } from "../io/breath.ts";
import type { OpenOptions } from "../io/files.ts";
import type { ParquetScanPlan } from "../parquet/scan-plan.ts";
import type { PipelineSource } from "../pipelines/compiled-pipeline.ts";
import type { Feed } from "../streams/open-feed.ts";
import type { StreamScanPlan } from "../streams/stream-plan.ts";
import type { MemoryScanPlan } from "../tables/scan-plan.ts";

/** What threads need to read a table, made before the query runs: plain data, copied to workers. */
export type ScanPlan = MemoryScanPlan | ParquetScanPlan | StreamScanPlan;

export type ScanSource = Extract<PipelineSource, { kind: "scan" }>;
export type RunsSource = Extract<PipelineSource, { kind: "runs" }>;

export interface PlannedScan {
  readonly operatorId: number;
  readonly plan: ScanPlan;
  readonly pruning: ScanPruning;
  /** Brings the rows, if they come while they are read. */
  readonly feed?: Feed;
  /** Ends the query's hold on what the plan points to. Once. */
  readonly release: () => void;
}

/** What planning found out need not be read. */
export interface ScanPruning {
  /** Row groups of all files; of an in-memory table, its parts. */
  readonly rowGroups: number;
  readonly rowGroupsPruned: number;
  /** Of those, what only Bloom filters excluded. */
  readonly rowGroupsPrunedByBloomFilter: number;
  /** Rows of the row groups that are read which the page index excludes. */
  readonly rowsPruned: number;
}

export interface PlanScanOptions extends OpenOptions {
  /** What goes wrong with rows that come while they are read. */
  readonly onFailed?: (error: unknown) => void;
}

/** Decides what to read of a table: pruning, a snapshot. Throws QueryError: a missing or corrupt file. */
export type PlanScan = (
  source: ScanSource | RunsSource,
  breathe: Breathe,
  options?: PlanScanOptions,
) => PlannedScan | Promise<PlannedScan>;
