import type { EngineName } from "../engines/engine.ts";
import { geometricMean } from "../statistics.ts";
import type { BenchmarkResult } from "./result.ts";
import { medianMs } from "./summary.ts";

/** One query in two results: below 1, the second is faster. */
export interface QueryRatio {
  readonly name: string;
  readonly beforeMs: number;
  readonly afterMs: number;
  readonly ratio: number;
}

export interface Comparison {
  readonly queries: readonly QueryRatio[];
  readonly geomeanRatio: number;
  /** Names that only one of the results has. */
  readonly unmatched: readonly string[];
  /** What else differs between the two, in words: ratios then tell of more than the code. */
  readonly differences: readonly string[];
}

/** Compares one engine's medians, query by query. */
export const compareResults = (
  before: BenchmarkResult,
  after: BenchmarkResult,
  engine: EngineName = "headcut",
): Comparison => {
  const later = new Map(after.queries.map((query) => [query.name, medianMs(query, engine)]));
  const queries = before.queries.flatMap((query) => {
    const beforeMs = medianMs(query, engine);
    const afterMs = later.get(query.name);
    if (beforeMs === undefined || afterMs === undefined) return [];
    return [{ name: query.name, beforeMs, afterMs, ratio: afterMs / beforeMs }];
  });
  const matched = new Set(queries.map(({ name }) => name));
  const all = new Set([...before.queries, ...after.queries].map(({ name }) => name));
  return {
    queries,
    geomeanRatio: geometricMean(queries.map(({ ratio }) => ratio)),
    unmatched: [...all].filter((name) => !matched.has(name)),
    differences: differences(before, after),
  };
};

const differences = (before: BenchmarkResult, after: BenchmarkResult): string[] => {
  const facts = ({ options, machine, versions }: BenchmarkResult): Record<string, string> => ({
    set: options.set,
    threads: String(options.threads),
    cache: options.cache ? "on" : "off",
    writer: options.writer,
    cpu: `${machine.cores} × ${machine.cpu}`,
    Node: versions.node,
    DuckDB: versions.duckdb,
  });
  const [left, right] = [facts(before), facts(after)];
  return Object.keys(left)
    .filter((key) => left[key] !== right[key])
    .map((key) => `${key}: ${left[key]} against ${right[key]}`);
};
