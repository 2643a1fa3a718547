import { transformPlanUp } from "../traverse/plan.ts";
import { makesOneRow } from "../unnest/domain.ts";
import type { Rule } from "./rule.ts";
import { matchesAtMostOnce } from "./unique-keys.ts";

/**
 * A scalar subquery's join need not check for a second match where none can be: then it is a left join, and an inner
 * one where the subquery always has its one row.
 */
export const singleJoins: Rule = {
  name: "single-joins",
  apply: (plan) =>
    transformPlanUp(plan, (node) => {
      if (node.kind !== "join" || node.joinKind !== "single" || node.dependent) return node;
      if (!matchesAtMostOnce(node.condition, node.right)) return node;
      const cross = node.condition.kind === "constant" && node.condition.value === true;
      return { ...node, joinKind: cross && makesOneRow(node.right) ? "inner" : "left" };
    }),
};
