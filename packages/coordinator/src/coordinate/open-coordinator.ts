import type { ExecuteOptions } from "@headcut/executor";
import { type PhysicalPlan, QueryError } from "@headcut/plan";
import { cut } from "../cut/cut.ts";
import { printFragments } from "../cut/print-fragments.ts";
import { type Assignment, assignSplits } from "../placement/assign.ts";
import { choosePlace } from "./choose-place.ts";
import type { ClusterRun } from "./cluster-run.ts";
import { aloneReport } from "./collect-report.ts";
import { findLocality } from "./find-locality.ts";
import { cutOptions, parquetScans } from "./prepare-query.ts";
import { countDone, countFailed, newCounters, type QueryCounters } from "./query-counters.ts";
import type { QueryParts } from "./query-parts.ts";
import { runQuery } from "./run-query.ts";

/** The part of a node that runs queries on the whole cluster. */
export interface Coordinator {
  execute(plan: PhysicalPlan, names: readonly string[], options?: ExecuteOptions): ClusterRun;
  explain(plan: PhysicalPlan): Promise<string>;
  readonly counters: Readonly<QueryCounters>;
  /** Queries that run or wait. */
  running(): number;
  /** From now on, queries are refused for this reason. */
  refuse(reason: QueryError): void;
  /** Resolves when no query runs or waits. */
  idle(): Promise<void>;
  /** Refuses queries, and cancels those there are. */
  close(): Promise<void>;
}

/** `incarnation`: of the process, so that ids of queries are never used again. */
export const openCoordinator = (parts: QueryParts, incarnation: number): Coordinator => {
  const counters = newCounters();
  const running = new Set<ClusterRun>();
  const idlers: (() => void)[] = [];
  let refusal: QueryError | undefined;

  const followed = (run: ClusterRun): ClusterRun => {
    running.add(run);
    const forget = (): void => {
      running.delete(run);
      if (running.size === 0) for (const resolve of idlers.splice(0)) resolve();
    };
    run.cluster.then(
      (report) => {
        countDone(counters, report);
        forget();
      },
      (error: unknown) => {
        countFailed(counters, error);
        forget();
      },
    );
    return run;
  };

  /** Tables in memory and constants: nothing of it concerns other nodes. */
  const onEngine = (
    queryId: string,
    plan: PhysicalPlan,
    names: readonly string[],
    options: ExecuteOptions,
  ): ClusterRun => {
    const run = parts.engine.execute(plan, names, options);
    const cluster = run.metrics.then(({ totalMs }) => aloneReport(queryId, parts.nodeId, 0, { queuedMs: 0, totalMs }));
    cluster.catch(() => undefined);
    return { ...run, cluster };
  };

  return {
    execute: (plan, names, options = {}) => {
      if (refusal !== undefined) throw refusal;
      const queryId = `${parts.nodeId}/${incarnation.toString(36)}/${counters.started++}`;
      if (parquetScans(plan).length === 0) return followed(onEngine(queryId, plan, names, options));
      return followed(runQuery(parts, queryId, plan, names, options));
    },
    explain: async (asked) => {
      const place = await choosePlace(parts, asked, parts.admission.budgetBytes);
      if (place.kind === "alone") {
        const count = place.splitCount;
        return `${parts.nodeId} runs all of it by itself: ${count === 1 ? "1 split" : `${count} splits`}`;
      }
      const { plan, splits } = place;
      const nodes = parts.view.nodes();
      const up = nodes.filter(({ draining }) => !draining);
      const placement = new Map<number, readonly Assignment[]>();
      for (const [scan, own] of splits) placement.set(scan, assignSplits(own, up.length > 0 ? up : nodes));
      const locality = findLocality(splits, nodes);
      const cutUp = cut(plan, { ...cutOptions(splits, nodes, parts), locality });
      for (const { runs } of cutUp.fragments) {
        if (runs.kind !== "splits" || runs.by === undefined) continue;
        for (const scan of runs.scans) placement.set(scan, []);
        const groups = locality.groups(runs.by)!;
        const members = new Map(groups.map((group) => [group.item.split, group.members]));
        for (const given of assignSplits([...members.keys()], up.length > 0 ? up : nodes)) {
          for (const { operatorId, split } of members.get(given.split)!) {
            placement.set(operatorId, [...placement.get(operatorId)!, { ...given, split }]);
          }
        }
      }
      return printFragments(cutUp, placement);
    },
    counters,
    running: () => running.size,
    refuse: (reason) => {
      refusal ??= reason;
    },
    idle: async () => {
      if (running.size > 0) await new Promise<void>((resolve) => idlers.push(resolve));
    },
    close: async () => {
      refusal ??= new QueryError("closed", "the node is closed");
      await Promise.all([...running].map((run) => run.cancel()));
      parts.admission.close();
    },
  };
};
