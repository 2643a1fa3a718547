import type { PhysicalAggregate } from "@headcut/plan";
import type { Produce } from "../../query-builder.ts";
import { produceGrouped } from "./grouped.ts";
import { produceUngrouped } from "./ungrouped.ts";

export const produceAggregate: Produce<PhysicalAggregate> = (query, plan, consumer) =>
  plan.groups.length === 0 ? produceUngrouped(query, plan, consumer) : produceGrouped(query, plan, consumer);
