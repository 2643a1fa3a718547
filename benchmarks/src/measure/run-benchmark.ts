import type { BenchmarkEngine, EngineName, EngineOptions } from "../engines/engine.ts";
import { openEngine } from "../engines/open-engine.ts";
import { readEnvironment } from "../results/environment.ts";
import type { BenchmarkResult, QueryTimings } from "../results/result.ts";
import type { BenchmarkQuery, QuerySet } from "../sets/query-set.ts";
import { alternate } from "./alternate.ts";
import { checkAnswers } from "./check-answers.ts";
import { measureMemory } from "./measure-memory.ts";

export const WARMUPS = 2;

export interface BenchmarkOptions extends EngineOptions {
  readonly engines: readonly EngineName[];
  readonly runs: number;
  readonly memory: boolean;
}

/** Hears of what is known as soon as it is. */
export interface BenchmarkListener {
  readonly onStart: (about: Omit<BenchmarkResult, "queries">) => void;
  readonly onQuery: (query: QueryTimings) => void;
}

/** Measures all queries of a set, all engines in this process. A query that fails or is answered wrongly has no times. */
export const runBenchmark = async (
  set: QuerySet,
  options: BenchmarkOptions,
  { onStart, onQuery }: BenchmarkListener,
): Promise<BenchmarkResult> => {
  const { engines, threads, cache, runs } = options;
  const about = {
    format: 1,
    ...(await readEnvironment()),
    options: { set: set.name, threads, runs, cache, writer: set.writer, engines },
  } as const;
  onStart(about);
  const queries = await measureQueries(set, options, onQuery);
  // After the engines of this process have given their memory back.
  return { ...about, ...(options.memory && { peakBytes: await measureAll(set, options) }), queries };
};

const measureQueries = async (
  set: QuerySet,
  { engines: names, threads, cache, runs }: BenchmarkOptions,
  onQuery: (query: QueryTimings) => void,
): Promise<QueryTimings[]> => {
  const queries: QueryTimings[] = [];
  const engines: BenchmarkEngine[] = [];
  try {
    for (const name of names) engines.push(await openEngine(name, set.data, { threads, cache }));
    for (const query of set.queries) {
      const timed = await measureQuery(query, engines, runs);
      queries.push(timed);
      onQuery(timed);
    }
  } finally {
    for (const engine of engines) await engine.close();
  }
  return queries;
};

/** The answers first: times of a wrong answer are worth nothing. */
const measureQuery = async (
  query: BenchmarkQuery,
  engines: readonly BenchmarkEngine[],
  runs: number,
): Promise<QueryTimings> => {
  const { name, sql } = query;
  try {
    const checked = await checkAnswers(query, engines);
    const { timings, rowCount } = await alternate(sql, engines, { warmups: WARMUPS, runs });
    const bytesRead = await engines.find((engine) => engine.name === "headcut")?.bytesRead(sql);
    return { name, rowCount, checked, ms: timings, ...(bytesRead !== undefined && { bytesRead }) };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { name, rowCount: 0, checked: false, ms: {}, problem };
  }
};

const measureAll = async (
  { data, queries }: QuerySet,
  { engines, threads, cache }: BenchmarkOptions,
): Promise<Partial<Record<EngineName, number>>> => {
  const sqls = queries.map(({ sql }) => sql);
  const peaks: [EngineName, number][] = [];
  for (const engine of engines) {
    peaks.push([engine, await measureMemory({ engine, data, options: { threads, cache }, queries: sqls })]);
  }
  return Object.fromEntries(peaks);
};
