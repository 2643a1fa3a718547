import { setTimeout } from "node:timers/promises";
import type { BenchmarkQuery } from "../sets/query-set.ts";
import { drawFault, type Fault, type FaultKind } from "./fault.ts";
import type { FaultyCluster } from "./faulty-cluster.ts";

export type Outcome =
  | { readonly kind: "right" }
  | { readonly kind: "wrong"; readonly difference: string }
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "hung" };

export interface FaultyRun {
  readonly run: number;
  readonly query: string;
  readonly fault: Fault;
  readonly usualMs: number;
  readonly elapsedMs: number;
  readonly outcome: Outcome;
}

export interface FaultyRunOptions {
  readonly cluster: FaultyCluster;
  readonly ask: (sql: string, signal: AbortSignal) => Promise<readonly (readonly unknown[])[]>;
  readonly queries: readonly BenchmarkQuery[];
  readonly runs: number;
  readonly nodes: number;
  readonly kinds: readonly FaultKind[];
  readonly random: () => number;
  readonly onRun: (run: FaultyRun) => void;
}

/** A query that has said nothing for so long will not. */
const HUNG_AFTER_MS = 90_000;

/** Runs query after query, each with a fault at a random moment, and compares every answer. Between runs the cluster is made whole again. */
export const runWithFaults = async (options: FaultyRunOptions): Promise<readonly FaultyRun[]> => {
  const { cluster, ask, queries, runs, nodes, kinds, random, onRun } = options;
  const usual = new Map<BenchmarkQuery, number>();
  for (const query of queries) {
    await ask(query.sql, AbortSignal.timeout(HUNG_AFTER_MS));
    const start = performance.now();
    await ask(query.sql, AbortSignal.timeout(HUNG_AFTER_MS));
    usual.set(query, performance.now() - start);
  }
  const done: FaultyRun[] = [];
  for (let run = 1; run <= runs; run++) {
    const query = queries[(run - 1) % queries.length]!;
    const usualMs = usual.get(query)!;
    const fault = drawFault(random, kinds, nodes, usualMs);
    const over = setTimeout(fault.afterMs).then(() => cluster.suffer(fault));
    const start = performance.now();
    const outcome = await outcomeOf(query, ask);
    const elapsedMs = performance.now() - start;
    await over;
    await cluster.whole();
    const result = { run, query: query.name, fault, usualMs, elapsedMs, outcome };
    done.push(result);
    onRun(result);
  }
  return done;
};

const outcomeOf = async (query: BenchmarkQuery, ask: FaultyRunOptions["ask"]): Promise<Outcome> => {
  const abort = new AbortController();
  const hung = setTimeout(HUNG_AFTER_MS, { kind: "hung" } as const, { signal: abort.signal }).catch(() => undefined);
  const asked = ask(query.sql, abort.signal).then(
    (rows): Outcome => {
      const difference = query.compare(query.stored!, rows);
      return difference === undefined ? { kind: "right" } : { kind: "wrong", difference };
    },
    (cause: unknown): Outcome => ({ kind: "failed", message: cause instanceof Error ? cause.message : String(cause) }),
  );
  const outcome = await Promise.race([asked, hung]);
  abort.abort();
  return outcome ?? (await asked);
};
