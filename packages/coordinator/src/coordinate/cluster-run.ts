import type { QueryRun } from "@headcut/executor";
import type { ClusterReport } from "./cluster-report.ts";

/** A running query of a cluster: to who reads it, a query of the engine. */
export interface ClusterRun extends QueryRun {
  /** Once the query has ended; rejects with its error. */
  readonly cluster: Promise<ClusterReport>;
}
