import type { PhysicalPlan } from "@headcut/plan";

type Scan = Extract<PhysicalPlan, { kind: "scan" }>;

/** The plan with its scans replaced. */
export const mapScans = (plan: PhysicalPlan, replace: (scan: Scan) => Scan): PhysicalPlan => {
  const map = (input: PhysicalPlan): PhysicalPlan => mapScans(input, replace);
  switch (plan.kind) {
    case "scan":
      return replace(plan);
    case "values":
    case "cteScan":
      return plan;
    case "filter":
    case "project":
    case "aggregate":
    case "sort":
    case "topN":
    case "limit":
    case "repeat":
      return { ...plan, input: map(plan.input) };
    case "hashJoin":
      return { ...plan, probe: map(plan.probe), build: map(plan.build) };
    case "unionAll":
      return { ...plan, inputs: plan.inputs.map(map) };
    case "with":
      return { ...plan, definition: map(plan.definition), body: map(plan.body) };
  }
};
