import type { LogicalAggregate, LogicalPlan } from "@headcut/plan";
import { transformPlanUp } from "../traverse/plan.ts";
import type { Rule } from "./rule.ts";
import { uniqueKeys } from "./unique-keys.ts";

/** Removes DISTINCT over rows that are distinct already, and where duplicates do not count: on the right of semi joins. */
export const removeDistinct: Rule = {
  name: "remove-distinct",
  apply: (plan) =>
    transformPlanUp(plan, (node) => {
      if (node.kind === "aggregate") return isRedundant(node) ? asProjection(node) : node;
      if (node.kind !== "join" || node.right.kind !== "aggregate") return node;
      const existential = node.joinKind === "semi" || node.joinKind === "anti" || node.joinKind === "mark";
      if (!existential || !isDistinct(node.right)) return node;
      return { ...node, right: asProjection(node.right) };
    }),
};

const isDistinct = (plan: LogicalAggregate): boolean => plan.aggregates.length === 0 && plan.groups.length > 0;

const isRedundant = (plan: LogicalAggregate): boolean => {
  if (!isDistinct(plan)) return false;
  const passed = new Set(
    plan.groups.flatMap(({ expression }) => (expression.kind === "column" ? [expression.id] : [])),
  );
  return uniqueKeys(plan.input).some((key) => [...key].every((id) => passed.has(id)));
};

const asProjection = (plan: LogicalAggregate): LogicalPlan => ({
  kind: "project",
  input: plan.input,
  projections: plan.groups,
});
