import { QueryError } from "@headcut/plan";
import type { Loop } from "../pipelines/compiled-pipeline.ts";
import { batchBytes } from "../results/encoded-batch.ts";
import { createResultWriter } from "../results/result-writer.ts";
import { createSpoolIo } from "../spill/spool-io.ts";
import { attempt, attemptPhase } from "./attempt.ts";
import { sharedNow } from "./clock.ts";
import { controlOf } from "./control-block.ts";
import { recordError } from "./error-record.ts";
import { isForOne } from "./is-for-one.ts";
import type { Position, QueryTask, ScanMetrics, TaskOutcome, WorkSpan } from "./query-task.ts";
import { raisedError } from "./raised-error.ts";
import type { Step, TaskContext } from "./task-context.ts";
import type { ThreadRuntime } from "./thread-runtime.ts";

/**
 * Runs one thread's share of a query, from where it was left to its end or to a pause. Never throws: the first thread that
 * fails stops the others and reports the error.
 */
export const runTask = async (runtime: ThreadRuntime, task: QueryTask): Promise<TaskOutcome> => {
  const { heap, instances } = runtime;
  const { addresses, threadCount, threadIndex } = task;
  const control = controlOf(heap.memory, addresses.query, addresses.control);
  const steps: Step[] = task.pipelines
    .flatMap((pipeline) => pipeline.phases.map((phase) => ({ pipeline, phase })))
    .map((step, index) => ({ ...step, index }));
  const began = sharedNow();
  const spans: WorkSpan[] = [];
  const scans: ScanMetrics[] = [];
  let current = steps[Math.min(task.from.step, steps.length - 1)];
  let batches = 0;
  const writer = createResultWriter(
    heap,
    addresses.query,
    addresses.results,
    addresses.resultStrings,
    task.result,
    (batch) => {
      control.posted(batchBytes(batch));
      runtime.post(task.queryId, batch);
      batches++;
    },
  );
  const context: TaskContext = {
    runtime,
    task,
    control,
    writer,
    instance: ({ pipeline }) => instances.get(pipeline.moduleId, pipeline.module),
    scans,
  };
  instances.serve({
    raise: (code, detail) => {
      throw raisedError(code, detail, current?.pipeline.messages ?? [], heap.memory, addresses.query);
    },
    emit: () => {
      writer.emit();
      const mayWait = runtime.breathe === undefined;
      if (mayWait && control.awaitReader(threadCount) === "stopped") {
        throw new QueryError("cancelled", "the query was cancelled");
      }
    },
    spool: task.spill === undefined ? undefined : createSpoolIo(heap, task.spill),
  });

  const timed = async <T>(step: Step, run: () => T | Promise<T>): Promise<T> => {
    const start = sharedNow();
    current = step;
    heap.kernels.chargeTo(step.pipeline.purpose);
    try {
      return await run();
    } finally {
      spans.push({ step: step.index, start, end: sharedNow() });
    }
  };

  /**
   * The steps from `first` on that are for one thread, by whichever comes to the barrier last: `once` steps, and those that are over before another
   * thread would have woken up. Returns the step after them; nothing when the query was stopped.
   */
  const runLoneSteps = async (first: number): Promise<number | undefined> => {
    for (let index = first; ; ) {
      const step = steps[index];
      if (step === undefined) return index;
      const { phase, pipeline } = step;
      if (phase.kind === "once") {
        const start = sharedNow();
        current = step;
        heap.kernels.chargeTo(pipeline.purpose);
        attempt(heap, task, pipeline, () => context.instance(step).function(phase.function)(pipeline.context, 0));
        writer.keepStrings();
        spans.push({ step: step.index, start, end: sharedNow() });
        index = phase.loop === undefined ? index + 1 : afterLoop(index, phase.loop);
      } else if (isForOne(context, step)) {
        const outcome = await timed(step, () => attemptPhase(context, step));
        if (outcome === "stopped") return undefined;
        if (outcome === "paused") return index;
        index++;
      } else {
        return index;
      }
    }
  };
  const afterLoop = (end: number, { first, more }: Loop): number => {
    const { u32 } = heap.memory;
    if (u32[(addresses.states + more) >>> 2] === 0) return end + 1;
    const start = steps.findIndex(({ pipeline }) => pipeline === task.pipelines[first]);
    u32.fill(0, (addresses.counters >>> 2) + start, (addresses.counters >>> 2) + end + 1);
    return start;
  };

  const run = async (): Promise<TaskOutcome["end"]> => {
    let { step, atBarrier }: Position = task.from;
    while (step < steps.length) {
      // A `once` step stands here only at the start: later ones are run at the barrier before them.
      if (!atBarrier && steps[step]!.phase.kind !== "once") {
        const outcome = await timed(steps[step]!, () => attemptPhase(context, steps[step]!));
        if (outcome === "stopped") return { kind: "stopped" };
        if (outcome === "paused") return { kind: "paused", at: { step, atBarrier: false } };
      }
      const next = steps[step]!.phase.kind === "once" ? step : step + 1;
      const outcome = await control.barrier(threadCount, () => runLoneSteps(next));
      if (outcome === "stopped") return { kind: "stopped" };
      if (outcome === "paused") return { kind: "paused", at: { step, atBarrier: true } };
      step = control.nextStep();
      atBarrier = false;
    }
    writer.emit();
    return { kind: "done" };
  };

  let end: TaskOutcome["end"];
  try {
    end = await run();
  } catch (error) {
    const first = control.fail(threadIndex);
    control.stop();
    end = first ? { kind: "failed", error: recordError(error, current?.pipeline.name ?? "") } : { kind: "stopped" };
  } finally {
    heap.kernels.chargeTo(0);
  }
  return { end, batches, began, ended: sharedNow(), spans, scans };
};
