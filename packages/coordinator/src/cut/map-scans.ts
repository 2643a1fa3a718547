import type { PhysicalPlan, PhysicalScan } from "@headcut/plan";
import { mapInputs } from "./map-inputs.ts";

/** The plan with its scans replaced. */
export const mapScans = (plan: PhysicalPlan, replace: (scan: PhysicalScan) => PhysicalScan): PhysicalPlan =>
  plan.kind === "scan" ? replace(plan) : mapInputs(plan, (input) => mapScans(input, replace));
