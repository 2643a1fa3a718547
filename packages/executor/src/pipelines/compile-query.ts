import type { PhysicalPlan } from "@headcut/plan";
import { physicalInputs } from "@headcut/plan";
import type { CompiledQuery } from "./compiled-pipeline.ts";
import { resultSink } from "./operators/result.ts";
import { produce } from "./produce.ts";
import { QueryBuilder } from "./query-builder.ts";

/**
 * The plan as pipelines, each one WebAssembly module. `names` are the result's column names, in order; `spilling` the operators,
 * by operatorId, that are to put rows on disk.
 */
export const compileQuery = (
  plan: PhysicalPlan,
  names: readonly string[],
  spilling: ReadonlySet<number> = new Set(),
): CompiledQuery => {
  const query = new QueryBuilder(produce, plan, spilling);
  query.produce(query, plan, resultSink(plan.columns));
  return {
    pipelines: query.finish(),
    statesBytes: Math.max(query.stateBytes, 16),
    operatorCount: highestOperatorId(plan) + 1,
    arenas: query.arenas,
    spools: query.spools,
    result: plan.columns.map((column, i) => ({ ...column, name: names[i] ?? column.name })),
  };
};

const highestOperatorId = (plan: PhysicalPlan): number =>
  Math.max(plan.operatorId, ...physicalInputs(plan).map(highestOperatorId));
