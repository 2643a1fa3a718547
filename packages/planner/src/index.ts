export { logicalPlanJson, type PlanJson, physicalPlanJson } from "./print/plan-json.ts";
export { printAggregateCall, printExpression, printSortKey } from "./print/print-expression.ts";
export { printLogicalPlan } from "./print/print-logical.ts";
export { physicalInputs, printAnnotatedPlan, printPhysicalPlan } from "./print/print-physical.ts";
