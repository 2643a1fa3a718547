import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { EngineName, EngineOptions, SetData } from "../engines/engine.ts";

/** What the child process is sent: it runs every query twice and answers with its highest resident memory. */
export interface MemoryTask {
  readonly engine: EngineName;
  readonly data: SetData;
  readonly options: EngineOptions;
  readonly queries: readonly string[];
}

/** Highest resident memory in bytes of a process that does nothing else; Node itself is part of it. */
export const measureMemory = async (task: MemoryTask): Promise<number> => {
  const child = fork(fileURLToPath(new URL("memory-child.js", import.meta.url)), { serialization: "advanced" });
  child.send(task);
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`the process that measures the memory of ${task.engine} ended with code ${code}`);
  });
  const [peakBytes] = (await Promise.race([once(child, "message"), ended])) as [number];
  return peakBytes;
};
