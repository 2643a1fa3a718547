import { setTimeout as pause } from "node:timers/promises";
import type { Connection } from "headcut";
import type { NodeMetrics } from "../cluster/node-metrics.ts";
import type { ServedCluster } from "../cluster/served-cluster.ts";
import type { BenchmarkQuery } from "../sets/query-set.ts";

/** A query that was cancelled. Times from the abort on. */
export interface CancelledRun {
  readonly query: string;
  /** After the query's start. */
  readonly afterMs: number;
  /** Until the caller was told. */
  readonly toldMs: number;
  /** Until each node said that it holds nothing of the query any more. */
  readonly nodesMs: readonly number[];
}

export interface MeasureCancelOptions {
  readonly connection: Connection;
  readonly nodes: ServedCluster["nodes"];
  readonly queries: readonly Pick<BenchmarkQuery, "name" | "sql">[];
  readonly runs: number;
  readonly random: () => number;
  readonly onRun: (run: CancelledRun) => void;
}

const POLL_MS = 2;
const GIVE_UP_MS = 10_000;

/** Cancels each of the queries in turn at random moments of their usual time. Throws when a node does not stop within ten seconds. */
export const measureCancel = async (options: MeasureCancelOptions): Promise<readonly CancelledRun[]> => {
  const { connection, nodes, queries, runs, random, onRun } = options;
  const usual = new Map<string, number>();
  for (const { name, sql } of queries) {
    await connection.query(sql);
    const start = performance.now();
    await connection.query(sql);
    usual.set(name, performance.now() - start);
  }
  const done: CancelledRun[] = [];
  for (let run = 0; done.length < runs; run++) {
    const { name, sql } = queries[run % queries.length]!;
    const afterMs = random() * usual.get(name)!;
    // Every other text is new, so that it is parsed, planned and cut.
    const text = run % 2 === 0 ? sql : `${sql}\n-- ${run}`;
    const abort = new AbortController();
    const asked = connection.query(text, undefined, { signal: abort.signal }).then(
      () => "answered" as const,
      () => "told" as const,
    );
    await pause(afterMs);
    const abortedAt = performance.now();
    abort.abort();
    const told = asked.then((how) => ({ how, ms: performance.now() - abortedAt }));
    const nodesMs = await Promise.all(nodes.map((node) => untilIdle(node, abortedAt)));
    const { how, ms: toldMs } = await told;
    // It was faster than it usually is: there was nothing to cancel.
    if (how === "answered") continue;
    const result = { query: name, afterMs, toldMs, nodesMs };
    done.push(result);
    onRun(result);
  }
  return done;
};

const untilIdle = async (node: ServedCluster["nodes"][number], since: number): Promise<number> => {
  for (;;) {
    const metrics = await node.metrics();
    const elapsed = performance.now() - since;
    if (metrics !== undefined && isIdle(metrics)) return elapsed;
    if (elapsed > GIVE_UP_MS) throw new Error("a node still runs a query that was cancelled ten seconds ago");
    await pause(POLL_MS);
  }
};

/** Nothing of any query is there. */
export const isIdle = (metrics: NodeMetrics): boolean =>
  ["queries_running", "queries_queued", "queries_held", "tasks_running"].every((name) => metrics.get(name) === 0);
