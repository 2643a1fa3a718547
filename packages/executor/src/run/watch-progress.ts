import type { CompiledQuery } from "../pipelines/compiled-pipeline.ts";
import type { QueryMemory } from "./query-memory.ts";
import type { SourceTask } from "./query-task.ts";

const PROGRESS_MS = 100;

/** Reports the fraction of the known work that is done, now and then: of the morsels of all table scans. */
export const watchProgress = (
  memory: QueryMemory,
  compiled: CompiledQuery,
  sources: readonly SourceTask[],
  report: (fraction: number) => void,
): ReturnType<typeof setInterval> => {
  const scans: { step: number; morsels: number }[] = [];
  let step = 0;
  compiled.pipelines.forEach(({ phases }, i) => {
    for (const phase of phases) {
      const source = sources[i]!;
      if (phase.kind === "source" && source.kind === "scan" && source.plan.kind !== "stream") {
        scans.push({ step, morsels: source.plan.morselCount });
      }
      step++;
    }
  });
  const total = scans.reduce((sum, { morsels }) => sum + morsels, 0);
  const timer = setInterval(() => {
    const done = scans.reduce((sum, scan) => sum + Math.min(memory.claimed(scan.step), scan.morsels), 0);
    report(total === 0 ? 0 : done / total);
  }, PROGRESS_MS);
  timer.unref();
  return timer;
};
