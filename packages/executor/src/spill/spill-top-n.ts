import type { PhysicalTopN } from "@headcut/plan";
import { limitRows } from "../pipelines/operators/limit.ts";
import type { Produce } from "../pipelines/query-builder.ts";
import { produceSpilledSort } from "./spill-sort.ts";

/** The first rows are so many that they find no room: all are sorted on disk, and merged until there are enough. */
export const produceSpilledTopN: Produce<PhysicalTopN> = (query, plan, consumer) =>
  produceSpilledSort(query, { ...plan, kind: "sort" }, limitRows(query, plan, consumer), plan.limit + plan.offset);
