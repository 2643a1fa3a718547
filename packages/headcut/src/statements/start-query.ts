import type { ClusterRun } from "@headcut/coordinator";
import type { QueryRun } from "@headcut/executor";
import type { PlannedQuery } from "@headcut/planner";
import type { StatementContext } from "./statement-context.ts";
import type { StatementResult } from "./statement-result.ts";

/** Starts a query. Whoever starts it reads it to the end or cancels it. */
export const startRun = (
  { physical, names }: PlannedQuery,
  { queries, options }: StatementContext,
): QueryRun | ClusterRun => queries.execute(physical, names, options);

/** Starts a query whose result goes to the caller. */
export const startQuery = (planned: PlannedQuery, context: StatementContext): StatementResult => {
  const run = startRun(planned, context);
  return {
    columns: run.columns,
    encodedBatches: () => run.encodedBatches(),
    cancel: () => run.cancel(),
    ...("cluster" in run && { report: () => run.cluster }),
  };
};
