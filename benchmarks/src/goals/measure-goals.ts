import type { EngineName } from "../engines/engine.ts";
import { runBenchmark } from "../measure/run-benchmark.ts";
import type { BenchmarkResult } from "../results/result.ts";
import { resultPath, writeResult } from "../results/result-files.ts";
import { summarize } from "../results/summary.ts";
import type { Writer } from "../sets/query-set.ts";
import { openTpchSet } from "../sets/tpch-set.ts";
import { measureFirstQuery, measureNewShapes } from "../startup/measure-startup.ts";
import { provideSmallTable } from "../startup/small-table.ts";
import { type Goal, geomeanRatio, worstRatio } from "./goal.ts";

export interface GoalsOptions {
  readonly scaleFactor: number;
  /** Ten times larger: for what does not fit into caches, and for memory. */
  readonly largeScaleFactor: number;
  readonly runs: number;
  readonly threads: number;
  /** Keeps the results as benchmarks/results/PREFIX-….json. */
  readonly prefix?: string | undefined;
  readonly onProgress: (text: string) => void;
}

interface Configuration {
  readonly name: string;
  readonly scaleFactor: number;
  readonly writer: Writer;
  readonly threads: number;
  readonly peers: readonly EngineName[];
  readonly cache?: boolean;
  readonly memory?: boolean;
}

/** Measures, in about as long as it takes to run all queries some sixty times, every figure that was set as a goal. */
export const measureGoals = async (options: GoalsOptions): Promise<Goal[]> => {
  const { scaleFactor, largeScaleFactor, threads } = options;
  const measure = (configuration: Configuration): Promise<BenchmarkResult> => measureOne(configuration, options);
  const common = { scaleFactor, threads, writer: "headcut", peers: ["duckdb"] } as const;

  const own = await measure({ ...common, name: "own-files" });
  const theirs = await measure({ ...common, name: "duckdb-files", writer: "duckdb" });
  const cached = await measure({ ...common, name: "cached", cache: true, peers: ["duckdb", "duckdb-native"] });
  const single = await measure({ ...common, name: "one-thread", threads: 1, peers: [] });
  const large = await measure({ ...common, name: "large", scaleFactor: largeScaleFactor, memory: true });
  const worst = worstRatio([own, theirs, large], "duckdb");
  const small = {
    engine: "headcut",
    data: await provideSmallTable(),
    options: { threads, cache: false },
  } as const;
  const first = await measureFirstQuery(small, 10);
  const shapes = await measureNewShapes(small, { warmups: 20, queries: 100 });

  const [sf, largeSf] = [`SF ${scaleFactor}`, `SF ${largeScaleFactor}`];
  const ratio = (name: string, wanted: number, measured: number | undefined): Goal => ({
    name,
    wanted,
    bound: "at most",
    unit: "",
    measured,
  });
  const ms = (name: string, wanted: number, measured: number): Goal => ({
    ...ratio(name, wanted, measured),
    unit: "ms",
  });
  return [
    ratio(`${sf}, our files, cache off, DuckDB over Parquet`, 0.5, geomeanRatio(own, "duckdb")),
    ratio(`${sf}, DuckDB's files, cache off, DuckDB over Parquet`, 0.5, geomeanRatio(theirs, "duckdb")),
    ratio(`${sf}, cache on, DuckDB over Parquet`, 0.33, geomeanRatio(cached, "duckdb")),
    ratio(`${sf}, cache on, DuckDB on its own tables`, 0.8, geomeanRatio(cached, "duckdb-native")),
    ratio(`${largeSf}, cache off, DuckDB over Parquet`, 0.5, geomeanRatio(large, "duckdb")),
    ratio(`worst query, cache off, over Parquet: ${worst?.name}`, 1, worst?.ratio),
    {
      name: `${sf}, ${threads} threads against 1, total`,
      wanted: 1.8,
      bound: "at least",
      unit: "×",
      measured: summarize(single, "headcut").totalMs / summarize(own, "headcut").totalMs,
    },
    ratio(`${largeSf}, peak memory beside DuckDB's`, 1, large.peakBytes!.headcut! / large.peakBytes!.duckdb!),
    ms("first query of a fresh process", 150, first.ms),
    ms("a query on 100 rows, new shape", 3, shapes),
  ];
};

const measureOne = async (
  { name, scaleFactor, writer, threads, peers, cache = false, memory = false }: Configuration,
  { runs, prefix, onProgress }: GoalsOptions,
): Promise<BenchmarkResult> => {
  const queries = Array.from({ length: 22 }, (_, index) => index + 1);
  const set = await openTpchSet({ scaleFactor, queries, writer });
  const result = await runBenchmark(
    set,
    { engines: ["headcut", ...peers], threads, cache, runs, memory },
    { onStart: () => undefined, onQuery: (query) => onProgress(`${name}: ${query.name}`) },
  );
  const wrong = result.queries.find(({ problem }) => problem !== undefined);
  if (wrong !== undefined) throw new Error(`${name}: ${wrong.name}: ${wrong.problem}`);
  if (prefix !== undefined) await writeResult(resultPath(`${prefix}-${name}`), result);
  return result;
};
