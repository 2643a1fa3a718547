import { type PhysicalPlan, physicalInputs } from "@headcut/plan";

/** The ids of a plan's operators. */
export const operatorsOf = (plan: PhysicalPlan): readonly number[] => [
  plan.operatorId,
  ...physicalInputs(plan).flatMap(operatorsOf),
];
