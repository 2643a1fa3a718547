// The process that is profiled: runs one query again and again for a while.
import { openHeadcut } from "../engines/headcut-engine.ts";
import { median } from "../statistics.ts";
import type { ProfiledRuns, ProfileTask } from "./profile-query.ts";

const MIN_RUNS = 3;

const nowUs = (): number => Number(process.hrtime.bigint() / 1000n);

process.once("message", async (message) => {
  const { data, sql, threads, seconds } = message as ProfileTask;
  const engine = await openHeadcut(data, { threads, cache: false });
  await engine.run(sql);
  const times: number[] = [];
  const from = nowUs();
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end || times.length < MIN_RUNS) {
    const start = performance.now();
    await engine.run(sql);
    times.push(performance.now() - start);
  }
  const span = { from, to: nowUs() };
  await engine.close();
  process.send?.({ runs: times.length, medianMs: median(times), span } satisfies ProfiledRuns);
  process.disconnect();
});
