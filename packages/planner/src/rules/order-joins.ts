import type { LogicalPlan } from "@headcut/plan";
import { orderRegion } from "../join-order/order-region.ts";
import { collectRegion } from "../join-order/region.ts";
import type { Estimator } from "../statistics/estimator.ts";
import { mapInputs } from "../traverse/plan.ts";
import { exactly } from "../unnest/remove-dependent-join.ts";
import type { Rule } from "./rule.ts";

/** Puts joins into the order that is estimated to be the cheapest, semi, anti, mark and left joins among them. */
export const orderJoins: Rule = {
  name: "order-joins",
  apply: (plan, { estimator }) => {
    estimator.see(plan);
    return exactly(orderJoinsIn(plan, estimator), plan);
  },
};

/** The same for a part of a plan whose CTEs the estimator has seen; it may put out its columns in another order. */
export const orderJoinsIn = (plan: LogicalPlan, estimator: Estimator): LogicalPlan => {
  // What is matched by position must keep exactly its columns.
  if (plan.kind === "setOperation") return mapInputs(plan, (input) => exactly(orderJoinsIn(input, estimator), input));
  if (plan.kind !== "join" || plan.joinKind === "right" || plan.joinKind === "full") {
    const ordered = mapInputs(plan, (input) => orderJoinsIn(input, estimator));
    if (ordered !== plan && ordered.kind === "with") estimator.see(ordered);
    return ordered;
  }
  const region = collectRegion(plan);
  // Two leaves can be joined in one way only.
  if (region === undefined || region.leaves.length < 3)
    return mapInputs(plan, (input) => orderJoinsIn(input, estimator));
  const leaves = region.leaves.map((leaf) => orderJoinsIn(leaf, estimator));
  return orderRegion({ ...region, leaves }, estimator) ?? mapInputs(plan, (input) => orderJoinsIn(input, estimator));
};
