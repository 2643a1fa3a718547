import type { PhysicalPlan } from "@headcut/plan";
import type { CompiledQuery } from "./compiled-pipeline.ts";
import { resultSink } from "./operators/result.ts";
import { produce } from "./produce.ts";
import { QueryBuilder } from "./query-builder.ts";

/**
 * The plan as pipelines, each one WebAssembly module. `names` are the result's column names, in order; `spilling` the operators,
 * by operatorId, that are to put rows on disk; `sorting` the aggregations of these that are to sort the values of their groups there.
 */
export const compileQuery = (
  plan: PhysicalPlan,
  names: readonly string[],
  spilling: ReadonlySet<number> = new Set(),
  sorting: ReadonlySet<number> = new Set(),
): CompiledQuery => {
  const query = new QueryBuilder(produce, plan, spilling, sorting);
  query.produce(query, plan, resultSink(plan.columns));
  const { ownerOf } = query;
  return {
    pipelines: query
      .finish()
      .map((pipeline) => ({ ...pipeline, operatorIds: [...new Set(pipeline.operatorIds.map(ownerOf))] })),
    statesBytes: Math.max(query.stateBytes, 16),
    operatorCount: query.allOperators,
    hidden: query.hidden,
    arenas: query.arenas,
    spools: query.spools.map(({ operatorId, state }) => ({ operatorId: ownerOf(operatorId), state })),
    result: plan.columns.map((column, i) => ({ ...column, name: names[i] ?? column.name })),
  };
};
