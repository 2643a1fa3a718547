import type { EngineName } from "../engines/engine.ts";
import { geometricMean, median, sum } from "../statistics.ts";
import type { BenchmarkResult, QueryTimings } from "./result.ts";

/** One engine over all queries that it ran. */
export interface EngineSummary {
  readonly geomeanMs: number;
  readonly totalMs: number;
}

/** The median of an engine's runs, if it ran the query. */
export const medianMs = (query: QueryTimings, engine: EngineName): number | undefined => {
  const times = query.ms[engine];
  return times === undefined || times.length === 0 ? undefined : median(times);
};

export const summarize = ({ queries }: Pick<BenchmarkResult, "queries">, engine: EngineName): EngineSummary => {
  const medians = queries.map((query) => medianMs(query, engine)).filter((time) => time !== undefined);
  return { geomeanMs: geometricMean(medians), totalMs: sum(medians) };
};
