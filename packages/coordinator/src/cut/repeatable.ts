import { type AggregateCall, isFloating, type PhysicalPlan, physicalInputs } from "@headcut/plan";

/** Whether the plan gives the same rows whenever it is run on the same ones, in whatever order they come. */
export const isRepeatable = (plan: PhysicalPlan): boolean => {
  if (plan.kind === "limit" || plan.kind === "topN") return false;
  if (plan.kind === "aggregate" && plan.aggregates.some(({ call }) => dependsOnOrder(call))) return false;
  return physicalInputs(plan).every(isRepeatable);
};

const dependsOnOrder = (call: AggregateCall): boolean => {
  switch (call.name) {
    case "anyValue":
    case "first":
    case "stringAgg":
    // Averages of floats come as doubles; so do the others, whatever they are of.
    case "stddevSamp":
    case "stddevPop":
    case "varSamp":
    case "varPop":
      return true;
    case "sum":
    case "avg":
      return isFloating(call.args[0]!.type);
    case "count":
    case "countStar":
    case "min":
    case "max":
    case "median":
    case "boolAnd":
    case "boolOr":
      return false;
  }
};
