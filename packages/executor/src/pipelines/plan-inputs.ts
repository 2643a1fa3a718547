import { type PhysicalPlan, unreachable } from "@headcut/plan";

/** The operators whose output the plan's root reads. */
export const planInputs = (plan: PhysicalPlan): readonly PhysicalPlan[] => {
  switch (plan.kind) {
    case "scan":
    case "values":
    case "cteScan":
      return [];
    case "filter":
    case "project":
    case "aggregate":
    case "sort":
    case "topN":
    case "limit":
    case "repeat":
      return [plan.input];
    case "hashJoin":
      return [plan.build, plan.probe];
    case "unionAll":
      return plan.inputs;
    case "with":
      return [plan.definition, plan.body];
    default:
      return unreachable(plan);
  }
};
