import type { ClusterRun } from "@headcut/coordinator";
import type { QueryRun } from "@headcut/executor";
import type { KnownPlan } from "./plan-cache.ts";
import type { StatementContext } from "./statement-context.ts";
import type { StatementResult } from "./statement-result.ts";

/** Starts a query. Whoever starts it reads it to the end or cancels it. */
export const startRun = (
  { physical, names }: KnownPlan,
  { queries, options }: StatementContext,
): QueryRun | ClusterRun => queries.execute(physical, names, options);

/** Starts a query whose result goes to the caller. */
export const startQuery = (planned: KnownPlan, context: StatementContext): StatementResult => {
  const run = startRun(planned, context);
  return {
    columns: run.columns,
    encodedBatches: () => run.encodedBatches(),
    cancel: () => run.cancel(),
    ...("cluster" in run && { report: () => run.cluster }),
  };
};
