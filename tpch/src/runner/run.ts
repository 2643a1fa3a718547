import type { Answer } from "../answers/answer.ts";
import { compareAnswers } from "../answers/compare.ts";
import { drawParameters, queryText, validationParameters } from "../queries/queries.ts";
import type { DuckDBEngine } from "./duckdb-engine.ts";
import type { ClusterFigures, Engine } from "./engine.ts";
import { geometricMean, measure } from "./measure.ts";
import { type KilledRun, measureKilling, randomFractions } from "./measure-killing.ts";

export interface QueryResult {
  readonly query: number;
  readonly rows: number;
  readonly medianMs?: number;
  readonly minMs?: number;
  /** Null when there was nothing to compare with. */
  readonly correct: boolean | null;
  /** Where the answer differs, or the error. */
  readonly problem?: string;
  readonly duckdbMs?: number;
  /** Of the last run under the clock. */
  readonly cluster?: ClusterFigures;
  /** One more run, during which a node was killed; its answer was checked as well. */
  readonly killed?: KillResult;
}

export interface KillResult {
  /** Counted from 1. */
  readonly node: number;
  readonly afterMs: number;
  readonly elapsedMs: number;
  readonly cluster?: ClusterFigures;
}

export interface RunReport {
  readonly sf: number;
  readonly threads: number;
  readonly nodes: number;
  readonly queries: readonly QueryResult[];
  /** Over the queries that ran, as are the other figures. */
  readonly geomeanMs: number;
  readonly totalMs: number;
  readonly duckdbGeomeanMs?: number;
  /** Our geometric mean divided by DuckDB's: below 1 is faster than DuckDB. */
  readonly ratio?: number;
}

export interface RunOptions {
  readonly scaleFactor: number;
  readonly engine: Engine;
  readonly queries: readonly number[];
  readonly runs: number;
  readonly threads: number;
  /** Draws the parameters; without it they are those of the validation run. */
  readonly seed?: number;
  readonly duckdb?: DuckDBEngine;
  /** The stored answers, where they apply. */
  readonly answers?: ReadonlyMap<number, Answer>;
  /** Run each query once more, and kill a random node meanwhile: the seed of which and when. Only with an engine that has nodes. */
  readonly kill?: number;
  readonly signal?: AbortSignal;
  readonly onQuery?: (done: number, total: number) => void;
}

/** What DuckDB answers, and how fast. */
async function askDuckDB(duckdb: DuckDBEngine, sql: string, { runs, signal }: RunOptions) {
  const { first, medianMs } = await measure(() => duckdb.query(sql, signal), runs);
  const { rows } = first;
  const values = rows.map((row) => row.map((value) => (value === null ? null : String(value))));
  return { medianMs, answer: { columns: duckdb.answerColumns(), rows: values } satisfies Answer };
}

async function runQuery(query: number, options: RunOptions, random: () => number): Promise<QueryResult> {
  const { engine, seed, scaleFactor, signal } = options;
  const parameters =
    seed === undefined ? validationParameters(query, scaleFactor) : drawParameters(query, seed, scaleFactor);
  const sql = queryText(query, parameters);
  const peer = options.duckdb === undefined ? undefined : await askDuckDB(options.duckdb, sql, options);
  const duckdb = peer === undefined ? {} : { duckdbMs: peer.medianMs };
  try {
    const ask = () => engine.query(sql, signal);
    const { first, last, medianMs, minMs } = await measure(ask, options.runs);
    const killed =
      options.kill === undefined || engine.nodes === undefined
        ? undefined
        : await measureKilling(ask, engine.nodes, medianMs, random);
    const stored = seed === undefined ? options.answers?.get(query) : undefined;
    const expected = [stored, peer?.answer].filter((answer) => answer !== undefined);
    const answers = [first, ...(killed === undefined ? [] : [killed.answer])];
    const problem = answers
      .flatMap(({ rows }) => expected.map((answer) => compareAnswers(query, answer, rows)))
      .find((text) => text !== undefined);
    return {
      query,
      rows: first.rows.length,
      medianMs,
      minMs,
      correct: expected.length === 0 ? null : problem === undefined,
      ...duckdb,
      ...(last.cluster && { cluster: last.cluster }),
      ...(killed && { killed: killResult(killed) }),
      ...(problem !== undefined && { problem }),
    };
  } catch (error) {
    signal?.throwIfAborted();
    return {
      query,
      rows: 0,
      correct: false,
      problem: error instanceof Error ? error.message : String(error),
      ...duckdb,
    };
  }
}

const killResult = ({ answer, ...rest }: KilledRun): KillResult => ({
  ...rest,
  ...(answer.cluster && { cluster: answer.cluster }),
});

/**
 * Runs the queries one after the other, each once to warm up and `runs` times under the clock, and checks every
 * answer. A query that fails is reported and the run goes on.
 */
export async function runQueries(options: RunOptions): Promise<RunReport> {
  const { scaleFactor, threads, engine, queries, onQuery } = options;
  const results: QueryResult[] = [];
  const random = randomFractions(options.kill ?? 0);
  for (const query of queries) {
    onQuery?.(results.length, queries.length);
    results.push(await runQuery(query, options, random));
  }
  onQuery?.(queries.length, queries.length);
  const ran = results.filter(({ medianMs }) => medianMs !== undefined);
  const times = ran.map(({ medianMs }) => medianMs!);
  const report = {
    sf: scaleFactor,
    threads,
    nodes: engine.nodes?.count ?? 1,
    queries: results,
    geomeanMs: ran.length === 0 ? 0 : geometricMean(times),
    totalMs: times.reduce((sum, time) => sum + time, 0),
  };
  if (options.duckdb === undefined || ran.length === 0) return report;
  const duckdbGeomeanMs = geometricMean(ran.map(({ duckdbMs }) => duckdbMs!));
  return { ...report, duckdbGeomeanMs, ratio: report.geomeanMs / duckdbGeomeanMs };
}
