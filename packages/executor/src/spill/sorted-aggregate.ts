import type { PhysicalAggregate } from "@headcut/plan";
import type { Produce } from "../pipelines/query-builder.ts";
import { collectRows } from "./collected-rows.ts";
import { planSortedAggregate } from "./sorted-aggregate-plan.ts";

/** An aggregation with groups of which not even one has room for its values: by a plan of operators on disk. */
export const produceSortedAggregate: Produce<PhysicalAggregate> = (query, aggregate, consumer) => {
  const operatorId = query.hide(aggregate.operatorId);
  const { plan, collecting } = planSortedAggregate(aggregate, {
    operatorId,
    column: () => query.madeId(),
    cte: () => query.madeId(),
  });
  for (const [node, rows] of collecting) {
    if (node.kind !== "filter") throw new Error("internal error: rows of groups are collected by a filter");
    query.special.set(node, (above) => query.produce(query, node.input, collectRows(query, operatorId, rows, above)));
  }
  query.produce(query, plan, consumer);
};
