import { segmentCount } from "./row-cursor.ts";
import { seriesBlocks } from "./series-cursor.ts";
import type { Step, TaskContext } from "./task-context.ts";

/**
 * Whether the thread that came last to the barrier before a step had better do all of it, while the others stay where they are: there is work
 * for one thread only, or less than it takes to wake another.
 */
export const isForOne = (context: TaskContext, step: Step): boolean => {
  const { runtime, task } = context;
  if (task.threadCount === 1) return false;
  const { phase } = step;
  switch (phase.kind) {
    case "once":
      return true;
    case "perThread":
      return false;
    case "tasks":
      return runtime.heap.memory.u32[(task.addresses.states + phase.countOffset) >>> 2]! <= phase.few;
    case "source":
      // In order means on the first thread, whose rows before are still with it.
      return phase.ordered === true
        ? task.threadIndex === 0 && morselsOf(context, step) < UNKNOWN
        : morselsOf(context, step) <= 1;
  }
};

/** Of what comes from elsewhere while the query runs, and may have to be waited for. */
const UNKNOWN = Number.POSITIVE_INFINITY;

const morselsOf = ({ runtime, task }: TaskContext, { pipeline: { source } }: Step): number => {
  switch (source.kind) {
    case "none":
      return 1;
    case "series":
      return seriesBlocks(source.count);
    case "scan":
      return source.plan.kind === "stream" ? UNKNOWN : source.plan.morselCount;
    case "rows":
      return segmentCount(runtime.heap.memory, task.addresses.states + source.listOffset);
    case "spool":
    case "runs":
      return UNKNOWN;
  }
};
