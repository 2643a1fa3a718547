import type { PhysicalPlan } from "@headcut/plan";
import { mapInputs } from "./map-inputs.ts";

/** The plan of a fragment without the semi joins with the keys that these scans (operator ids) would read; see `KeyInput`. */
export const withoutLookups = (plan: PhysicalPlan, scans: ReadonlySet<number>): PhysicalPlan =>
  plan.kind === "hashJoin" && plan.build.kind === "scan" && scans.has(plan.build.operatorId)
    ? withoutLookups(plan.probe, scans)
    : mapInputs(plan, (input) => withoutLookups(input, scans));
