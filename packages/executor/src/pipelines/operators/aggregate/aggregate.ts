import type { PhysicalAggregate } from "@headcut/plan";
import { produceSortedAggregate } from "../../../spill/sorted-aggregate.ts";
import { produceSpilledAggregate } from "../../../spill/spill-aggregate.ts";
import type { Produce } from "../../query-builder.ts";
import { produceGrouped } from "./grouped.ts";
import { produceUngrouped } from "./ungrouped.ts";

export const produceAggregate: Produce<PhysicalAggregate> = (query, plan, consumer) => {
  if (query.sorting.has(plan.operatorId)) return produceSortedAggregate(query, plan, consumer);
  if (plan.groups.length === 0) return produceUngrouped(query, plan, consumer);
  const produce = query.spilling.has(plan.operatorId) ? produceSpilledAggregate : produceGrouped;
  return produce(query, plan, consumer);
};
