import type { ResultWriter } from "../results/result-writer.ts";
import type { Control } from "./control-block.ts";
import type { PipelineInstance } from "./instance-cache.ts";
import type { PipelineTask, QueryTask, ScanMetrics } from "./query-task.ts";
import type { ThreadRuntime } from "./thread-runtime.ts";

/** A phase, with the pipeline it belongs to. */
export interface Step {
  /** Among all steps of the query. */
  readonly index: number;
  readonly pipeline: PipelineTask;
  readonly phase: PipelineTask["phases"][number];
}

/** What the code that runs a task's steps shares. */
export interface TaskContext {
  readonly runtime: ThreadRuntime;
  readonly task: QueryTask;
  readonly control: Control;
  readonly writer: ResultWriter;
  /** The step's module on this thread. */
  readonly instance: (step: Step) => PipelineInstance;
  readonly scans: ScanMetrics[];
}
