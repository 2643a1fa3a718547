import { type PhysicalPlan, physicalInputs } from "@headcut/plan";

type Scan = Extract<PhysicalPlan, { readonly kind: "scan" }>;

/** The plan's scans, by operator id. */
export const scansOf = (plan: PhysicalPlan): ReadonlyMap<number, Scan> => {
  const found = new Map<number, Scan>();
  const visit = (at: PhysicalPlan): void => {
    if (at.kind === "scan") found.set(at.operatorId, at);
    for (const input of physicalInputs(at)) visit(input);
  };
  visit(plan);
  return found;
};
