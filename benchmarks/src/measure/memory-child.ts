// The process in which one engine's memory is measured.
import { openEngine } from "../engines/open-engine.ts";
import type { MemoryTask } from "./measure-memory.ts";

const KIB = 1024;

const run = async ({ engine: name, data, options, queries }: MemoryTask): Promise<number> => {
  const engine = await openEngine(name, data, options);
  for (let round = 0; round < 2; round++) {
    for (const sql of queries) await engine.run(sql);
  }
  const peakBytes = process.resourceUsage().maxRSS * KIB;
  await engine.close();
  return peakBytes;
};

process.once("message", async (task) => {
  process.send?.(await run(task as MemoryTask));
  process.disconnect();
});
