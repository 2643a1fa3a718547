import type { QueryError } from "@headcut/plan";
import type { ClusterReport } from "./cluster-report.ts";

/** Of the queries that a node coordinates, since its start. */
export interface QueryCounters {
  started: number;
  done: number;
  failed: number;
  cancelled: number;
  retries: number;
  splits: number;
  splitsByOwners: number;
}

export const newCounters = (): QueryCounters => ({
  started: 0,
  done: 0,
  failed: 0,
  cancelled: 0,
  retries: 0,
  splits: 0,
  splitsByOwners: 0,
});

export const countDone = (counters: QueryCounters, { retries, splits, splitsByOwners }: ClusterReport): void => {
  counters.done++;
  counters.retries += retries;
  counters.splits += splits;
  counters.splitsByOwners += splitsByOwners;
};

export const countFailed = (counters: QueryCounters, error: unknown): void => {
  if ((error as Partial<QueryError>).code === "cancelled") counters.cancelled++;
  else counters.failed++;
};
