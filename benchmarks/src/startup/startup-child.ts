// A fresh process that answers one small query, whose rows are read: the engine's code is loaded under the clock.
import { openEngine } from "../engines/open-engine.ts";
import type { StartupTask, StartupTimes } from "./measure-startup.ts";

const SQL = "SELECT kind, count(*) AS n FROM small GROUP BY kind ORDER BY kind";

process.once("message", async (message) => {
  const { engine: name, data, options } = message as StartupTask;
  const start = performance.now();
  const engine = await openEngine(name, data, options);
  await engine.answer(SQL);
  const ms = performance.now() - start;
  process.send?.({ ms, bootMs: start } satisfies StartupTimes);
  await engine.close();
  process.disconnect();
});
