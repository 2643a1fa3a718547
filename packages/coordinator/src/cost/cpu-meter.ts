import type { PipelineMetrics } from "@headcut/executor";

/**
 * Begins to watch a run. The function it gives says, when the run has ended, how many milliseconds of a processor it had at most: threads' clocks
 * go on while a thread waits for a processor, and the process's time counts whatever else it does; the lesser of both is nearer.
 */
export const meterCpu = (): ((pipelines: readonly Pick<PipelineMetrics, "busyMs">[]) => number) => {
  const before = process.cpuUsage();
  return (pipelines) => {
    const { user, system } = process.cpuUsage(before);
    return Math.min(
      (user + system) / 1000,
      pipelines.reduce((sum, { busyMs }) => sum + busyMs, 0),
    );
  };
};
