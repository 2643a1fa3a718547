import type { Heap } from "../memory/heap.ts";
import { OperatorOutOfMemory } from "./error-record.ts";
import type { PipelineTask, QueryTask } from "./query-task.ts";
import { type PhaseOutcome, runPhase } from "./run-phase.ts";
import type { Step, TaskContext } from "./task-context.ts";

/** Whether the pipeline has run out of memory and what is left of it is not to be run. */
const hasFailed = (heap: Heap, task: QueryTask, offset: number): boolean =>
  Atomics.load(heap.memory.u32, (task.addresses.states + offset) >>> 2) !== 0;

const noteFailure = (heap: Heap, task: QueryTask, offset: number, error: unknown): void => {
  if (!(error instanceof OperatorOutOfMemory) || error.wanted === "disk") throw error;
  Atomics.store(heap.memory.u32, (task.addresses.states + offset) >>> 2, 1);
};

/** Runs a part of the pipeline; where it may fail and be tried again, only until it does. */
export const attempt = (heap: Heap, task: QueryTask, { attempt: offset }: PipelineTask, run: () => void): void => {
  if (offset === undefined) {
    run();
    return;
  }
  if (hasFailed(heap, task, offset)) return;
  try {
    run();
  } catch (error) {
    noteFailure(heap, task, offset, error);
  }
};

/** The same for this thread's share of a phase. */
export const attemptPhase = (context: TaskContext, step: Step): PhaseOutcome | Promise<PhaseOutcome> => {
  const { attempt: offset } = step.pipeline;
  return offset === undefined ? runPhase(context, step) : attemptShare(context, step, offset);
};

const attemptShare = async (context: TaskContext, step: Step, offset: number): Promise<PhaseOutcome> => {
  const { runtime, task } = context;
  if (hasFailed(runtime.heap, task, offset)) return "done";
  try {
    return await runPhase(context, step);
  } catch (error) {
    noteFailure(runtime.heap, task, offset, error);
    return "done";
  }
};
