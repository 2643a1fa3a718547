import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { EngineName, EngineOptions, SetData } from "../engines/engine.ts";
import { openEngine } from "../engines/open-engine.ts";
import { median } from "../statistics.ts";
import { newShapes } from "./new-shapes.ts";

/** What the fresh process is sent. */
export interface StartupTask {
  readonly engine: EngineName;
  readonly data: SetData;
  readonly options: EngineOptions;
}

export interface StartupTimes {
  /** From before the import of the engine to the rows of its first query, as JavaScript values. */
  readonly ms: number;
  /** From the start of the process to there: Node's own. */
  readonly bootMs: number;
}

/** Medians over `processes` fresh processes, one after the other. */
export const measureFirstQuery = async (task: StartupTask, processes: number): Promise<StartupTimes> => {
  const times: StartupTimes[] = [];
  for (let index = 0; index < processes; index++) times.push(await startOnce(task));
  return { ms: median(times.map(({ ms }) => ms)), bootMs: median(times.map(({ bootMs }) => bootMs)) };
};

const startOnce = async (task: StartupTask): Promise<StartupTimes> => {
  const child = fork(fileURLToPath(new URL("startup-child.js", import.meta.url)), { serialization: "advanced" });
  const exit = once(child, "exit");
  let times: StartupTimes | undefined;
  child.once("message", (message) => {
    times = message as StartupTimes;
  });
  child.send(task);
  const [code] = await exit;
  if (times === undefined) throw new Error(`the process that starts ${task.engine} ended with code ${code}`);
  return times;
};

/** Milliseconds of a query over 100 rows in a warm engine; no two queries have the same shape. */
export const measureNewShapes = async (
  { engine: name, data, options }: StartupTask,
  { warmups, queries }: { readonly warmups: number; readonly queries: number },
): Promise<number> => {
  const engine = await openEngine(name, data, options);
  const times: number[] = [];
  try {
    for (const sql of newShapes(warmups + queries)) {
      const start = performance.now();
      await engine.run(sql);
      times.push(performance.now() - start);
    }
  } finally {
    await engine.close();
  }
  return median(times.slice(warmups));
};
