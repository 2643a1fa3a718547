import type { BenchmarkEngine, EngineName } from "../engines/engine.ts";

/** Milliseconds of each timed run, by engine. */
export type Timings = Partial<Record<EngineName, readonly number[]>>;

export interface AlternateOptions {
  readonly warmups: number;
  readonly runs: number;
}

/** Runs one query on the engines by turns, so that whatever slows the machine slows them all. */
export const alternate = async (
  sql: string,
  engines: readonly BenchmarkEngine[],
  { warmups, runs }: AlternateOptions,
): Promise<{ readonly timings: Timings; readonly rowCount: number }> => {
  const times = engines.map((): number[] => []);
  let rowCount = 0;
  for (let run = -warmups; run < runs; run++) {
    for (const [index, engine] of engines.entries()) {
      const start = performance.now();
      rowCount = await engine.run(sql);
      if (run >= 0) times[index]!.push(performance.now() - start);
    }
  }
  return { timings: Object.fromEntries(engines.map(({ name }, index) => [name, times[index]!])), rowCount };
};
