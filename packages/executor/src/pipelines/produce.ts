import { type PhysicalPlan, unreachable } from "@headcut/plan";
import { produceAggregate } from "./operators/aggregate/aggregate.ts";
import { produceFilter } from "./operators/filter.ts";
import { produceHashJoin } from "./operators/hash-join/hash-join.ts";
import { produceLimit } from "./operators/limit.ts";
import { produceProject } from "./operators/project.ts";
import { produceRepeat } from "./operators/repeat.ts";
import { produceScan } from "./operators/scan.ts";
import { produceSeries } from "./operators/series.ts";
import { produceSort } from "./operators/sort.ts";
import { produceTopN } from "./operators/top-n.ts";
import { produceUnionAll } from "./operators/union-all.ts";
import { produceValues } from "./operators/values.ts";
import { produceCteScan, produceWith } from "./operators/with.ts";
import type { Produce } from "./query-builder.ts";

/** Every operator's pipelines, by kind. */
export const produce: Produce<PhysicalPlan> = (query, plan, consumer) => {
  switch (plan.kind) {
    case "scan":
      return produceScan(query, plan, consumer);
    case "values":
      return produceValues(query, plan, consumer);
    case "series":
      return produceSeries(query, plan, consumer);
    case "filter":
      return produceFilter(query, plan, consumer);
    case "project":
      return produceProject(query, plan, consumer);
    case "hashJoin":
      return produceHashJoin(query, plan, consumer);
    case "aggregate":
      return produceAggregate(query, plan, consumer);
    case "sort":
      return produceSort(query, plan, consumer);
    case "topN":
      return produceTopN(query, plan, consumer);
    case "limit":
      return produceLimit(query, plan, consumer);
    case "unionAll":
      return produceUnionAll(query, plan, consumer);
    case "with":
      return produceWith(query, plan, consumer);
    case "cteScan":
      return produceCteScan(query, plan, consumer);
    case "repeat":
      return produceRepeat(query, plan, consumer);
    default:
      return unreachable(plan);
  }
};
