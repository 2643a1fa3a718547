import { readdir, readFile } from "node:fs/promises";

/** Processor time of a process so far, all its threads, in seconds, from Linux's /proc; threads that have ended are not counted. */
export const cpuSeconds = async (pid: number): Promise<number> => {
  const threads = await readdir(`/proc/${pid}/task`);
  const texts = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/schedstat`, "utf8").catch(() => "0 0 0")),
  );
  return texts.reduce((sum, text) => sum + runSeconds(text), 0);
};

/** `schedstat`: nanoseconds on a processor, nanoseconds of waiting for one, turns. */
export const runSeconds = (schedstat: string): number => Number(/^\d+/.exec(schedstat)?.[0]) / 1e9;
