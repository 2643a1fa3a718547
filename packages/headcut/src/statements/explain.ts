import { QueryError } from "@headcut/plan";
import { type BoundStatement, type ColumnIds, planQuery } from "@headcut/planner";
import { explainPlan, explainRun } from "./explain-text.ts";
import type { KnownPlan } from "./plan-cache.ts";
import { startRun } from "./start-query.ts";
import type { StatementContext } from "./statement-context.ts";

/**
 * The plan of a statement; with `analyze` the query is run, and its plan shows what happened. `asRun`: the plan as it was made when the statement itself was run lately;
 * where it runs next depends on what was learnt of that one.
 */
export const explain = async (
  { statement, analyze, format }: Extract<BoundStatement, { kind: "explain" }>,
  context: StatementContext,
  ids: ColumnIds,
  asRun?: KnownPlan,
): Promise<string> => {
  if (!("plan" in statement)) throw new QueryError("unsupported", `EXPLAIN of ${statement.kind} is not supported`);
  const planned = planQuery(statement.plan, "names" in statement ? statement.names : [], ids);
  const physical = asRun?.physical ?? planned.physical;
  if (!analyze) return explainPlan(planned, format, await context.queries.explain?.(physical));
  if (statement.kind !== "query") throw new QueryError("unsupported", "EXPLAIN ANALYZE takes a query");
  const run = startRun({ physical, names: planned.names }, context);
  for await (const _ of run.encodedBatches());
  return explainRun(physical, await run.metrics, "cluster" in run ? await run.cluster : undefined, format);
};
