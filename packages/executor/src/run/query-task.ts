import type { QueryErrorCode } from "@headcut/plan";
import type { HeldMemory } from "../memory/held-memory.ts";
import type { Phase, PipelineSource } from "../pipelines/compiled-pipeline.ts";
import type { ResultColumn } from "../results/result-layout.ts";
import type { SpillFiles } from "../spill/spill-folder.ts";
import type { StreamScanPlan } from "../streams/stream-plan.ts";
import type { PackedScanPlan } from "./packed-scan-plan.ts";
import type { RuntimeFilterMetrics } from "./runtime-filter.ts";

/** What a thread gets to run its share of a query. Plain data: workers receive a copy. Addresses are in the shared memory. */
export interface QueryTask {
  readonly queryId: number;
  readonly threadIndex: number;
  readonly threadCount: number;
  readonly addresses: QueryAddresses;
  readonly pipelines: readonly PipelineTask[];
  readonly result: readonly ResultColumn[];
  /** Where rows go that find no room in memory; in queries that may have some. */
  readonly spill?: SpillFiles;
  /** Which of its files has pages of the thread's scans, if large ones are put on disk. */
  readonly pageFile?: number;
  readonly from: Position;
}

export interface QueryAddresses {
  readonly query: number;
  readonly control: number;
  /** One u32 per step: morsels or tasks claimed so far. */
  readonly counters: number;
  readonly states: number;
  /** The thread's result buffer. */
  readonly results: number;
  /** The thread's arena of result strings. */
  readonly resultStrings: number;
}

export interface PipelineTask {
  readonly name: string;
  readonly module: WebAssembly.Module;
  /** Same bytes, same id: threads keep instances by it. */
  readonly moduleId: number;
  readonly messages: readonly string[];
  /** Of this thread. */
  readonly context: number;
  readonly source: SourceTask;
  /** What its slabs are for (memory/held-memory.ts): rows of its last operator. */
  readonly purpose: number;
  /** `CompiledPipeline.attempt` */
  readonly attempt: number | undefined;
  readonly phases: readonly Phase[];
}

export type SourceTask =
  | {
      readonly kind: "scan";
      /** The table stays behind: all that threads need of it is in the plan. */
      readonly scan: Omit<Extract<PipelineSource, { kind: "scan" }>, "table">;
      readonly plan: PackedScanPlan;
    }
  | (Omit<Extract<PipelineSource, { kind: "runs" }>, "table"> & { readonly plan: StreamScanPlan })
  | Exclude<PipelineSource, { kind: "scan" | "runs" }>;

/** Where a thread is between tasks. Steps are the phases of all pipelines, counted through. */
export interface Position {
  readonly step: number;
  /** The thread has done its part of the step and goes to the barrier at its end. */
  readonly atBarrier: boolean;
}

export interface TaskOutcome {
  readonly end:
    | { readonly kind: "done" }
    | { readonly kind: "paused"; readonly at: Position }
    /** Another thread failed, or the query was cancelled. */
    | { readonly kind: "stopped" }
    | { readonly kind: "failed"; readonly error: ErrorRecord };
  /** Result batches posted during this task: messages may arrive after the outcome. */
  readonly batches: number;
  /** When the task came to the thread, on the clock of `sharedNow`. */
  readonly began: number;
  readonly ended: number;
  /** What this thread worked, in the order of time. */
  readonly spans: readonly WorkSpan[];
  readonly scans: readonly ScanMetrics[];
}

/** A thread at work on a step, from `start` to `end` on the clock of `sharedNow`. */
export interface WorkSpan {
  readonly step: number;
  readonly start: number;
  readonly end: number;
}

/** An error on its way between threads. Without a code it is a bug of ours. */
export interface ErrorRecord {
  readonly code: QueryErrorCode | undefined;
  readonly message: string;
  readonly hint: string | undefined;
  readonly stack: string | undefined;
  /** The operator that ran out of memory, if one said so. */
  readonly operatorId: number | undefined;
  /** Whether it was memory, or the bytes on disk that the engine may use. */
  readonly wanted?: "memory" | "disk";
  /** What the query's memory was used for at that moment. */
  readonly held?: readonly HeldMemory[];
}

export interface ScanMetrics {
  readonly operatorId: number;
  readonly rowsRead: number;
  readonly bytesRead: number;
  readonly pagesRead: number;
  readonly pagesPruned: number;
  readonly cacheHits: number;
  readonly cacheMisses: number;
  readonly runtimeFilters: readonly RuntimeFilterMetrics[];
}
