import type { ScanMetrics } from "./query-task.ts";
import type { ScanPruning } from "./scan-plan.ts";

/** What a query did, for EXPLAIN ANALYZE. Milliseconds unless said. */
export interface QueryMetrics {
  readonly threads: number;
  readonly totalMs: number;
  /** Looking for what to read: footers, pruning. */
  readonly planScansMs: number;
  /** From the plan to WebAssembly's bytes. */
  readonly generateMs: number;
  /** From there to modules; next to nothing when the same shape of query has run before. */
  readonly compileMs: number;
  /** Rows that left each operator, by operatorId. */
  readonly operatorRows: readonly number[];
  readonly pipelines: readonly PipelineMetrics[];
  readonly scans: readonly ScanTotals[];
  /** What each thread did when. */
  readonly timeline: readonly TimelineSpan[];
  readonly peakBytes: number;
  /** How often the query started again, with more of its rows on disk. */
  readonly restarts?: number;
  /** What went to disk because it found no room in memory, by operator; an operator that went there twice is here twice. */
  readonly spills?: readonly SpillMetrics[];
  readonly resultRows: number;
  readonly resultBytes: number;
}

export interface SpillMetrics {
  readonly operatorId: number;
  readonly bytes: number;
}

export interface PipelineMetrics {
  readonly name: string;
  readonly operatorIds: readonly number[];
  /** Work of all threads together. */
  readonly busyMs: number;
  /** Work of the busiest thread. */
  readonly longestMs: number;
}

/** A thread at work, in milliseconds since the query's start. */
export interface TimelineSpan {
  readonly thread: number;
  /** Index of its pipeline; undefined: the span is the thread's whole task, work and waiting. */
  readonly pipeline: number | undefined;
  /** Kind and function of the phase. */
  readonly phase: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** Of all threads together; what was pruned before the query ran included. */
export interface ScanTotals extends ScanMetrics, ScanPruning {
  /** Parts that threads could claim: the row groups that are read. */
  readonly morsels: number;
}
