import type { PhysicalPlan } from "@headcut/plan";
import { planInputs } from "../pipelines/plan-inputs.ts";

/** Rows that one thread works through in a few milliseconds: less than it takes to wake workers up, let alone start them. */
const SMALL_ROWS = 50_000;

/** Whether a query reads and makes so little that the calling thread had better run it by itself. */
export const isSmall = (plan: PhysicalPlan): boolean => work(plan) <= SMALL_ROWS;

/** Rows read or paired, at most; a join's output may be larger than both inputs, which only estimates know. */
const work = (plan: PhysicalPlan): number => {
  const inputs = planInputs(plan).reduce((sum, input) => sum + work(input), 0);
  switch (plan.kind) {
    case "scan":
      return plan.table.rowCount;
    case "values":
      return plan.rows.length;
    case "hashJoin":
      return inputs + (plan.keys.length > 0 ? plan.estimatedRows : work(plan.build) * work(plan.probe));
    case "repeat":
      return inputs + plan.estimatedRows;
    default:
      return inputs;
  }
};
