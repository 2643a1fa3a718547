import type { LogicalPlan } from "@headcut/plan";
import { inputs } from "../traverse/plan.ts";
import { exactly, removeDependentJoins } from "../unnest/remove-dependent-join.ts";
import type { Rule } from "./rule.ts";

const hasDependentJoin = (plan: LogicalPlan): boolean =>
  (plan.kind === "join" && plan.dependent) || inputs(plan).some(hasDependentJoin);

/** Turns correlated subqueries and lateral joins into ordinary joins. */
export const unnestSubqueries: Rule = {
  name: "unnest-subqueries",
  apply: (plan, { ids }) => (hasDependentJoin(plan) ? exactly(removeDependentJoins(plan, ids), plan) : plan),
};
