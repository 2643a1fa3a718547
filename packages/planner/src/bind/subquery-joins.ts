import type { LogicalPlan } from "@headcut/plan";
import { idsOf, outerColumns } from "../traverse/plan.ts";
import type { SubqueryJoin } from "./bind-context.ts";

/** Whether the right side of a join refers to columns of the left. */
export const isDependent = (left: LogicalPlan, right: LogicalPlan): boolean => {
  const made = idsOf(left);
  for (const id of outerColumns(right)) if (made.has(id)) return true;
  return false;
};

/** The plan with the joins of an expression's subqueries on top, so that the expression finds the columns they make. */
export const applyJoins = (plan: LogicalPlan, joins: readonly SubqueryJoin[]): LogicalPlan =>
  joins.reduce<LogicalPlan>(
    (left, { joinKind, right, condition, mark }) => ({
      kind: "join",
      joinKind,
      left,
      right,
      condition,
      mark,
      dependent: isDependent(left, right),
    }),
    plan,
  );
