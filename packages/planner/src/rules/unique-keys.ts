import { type ColumnId, conjuncts, type Expression, type LogicalJoin, type LogicalPlan } from "@headcut/plan";
import { refersTo } from "../traverse/expression.ts";
import { idsOf } from "../traverse/plan.ts";

export type Key = ReadonlySet<ColumnId>;

/**
 * Sets of columns in whose (null-safe) values no two rows of the plan agree; the empty set means one row at most. Only
 * what the plan itself proves: statistics never do.
 */
export const uniqueKeys = (plan: LogicalPlan): readonly Key[] => {
  switch (plan.kind) {
    case "aggregate":
      return [new Set(plan.groups.map((group) => group.id))];
    case "project": {
      // A key survives if each of its columns is passed on, under whatever name.
      const names = new Map<ColumnId, ColumnId>();
      for (const { id, expression } of plan.projections) {
        if (expression.kind === "column" && !names.has(expression.id)) names.set(expression.id, id);
      }
      return uniqueKeys(plan.input)
        .filter((key) => [...key].every((id) => names.has(id)))
        .map((key) => new Set([...key].map((id) => names.get(id)!)));
    }
    case "values":
      return plan.rows.length <= 1 ? [new Set()] : [];
    case "series":
      return [new Set(plan.count <= 1 ? [] : [plan.columns[0].id])];
    case "limit":
      return plan.limit !== undefined && plan.limit <= 1 ? [new Set()] : uniqueKeys(plan.input);
    case "filter":
    case "sort":
      return uniqueKeys(plan.input);
    case "with":
      return uniqueKeys(plan.body);
    case "join":
      return joinKeys(plan);
    case "scan":
    case "setOperation":
    case "cteScan":
    case "repeat":
      return [];
  }
};

/** Whether a right row that satisfies the condition is the only one for its left row. */
export const matchesAtMostOnce = (condition: Expression, right: LogicalPlan): boolean => {
  const fixed = new Set<ColumnId>();
  const rightIds = idsOf(right);
  for (const part of conjuncts(condition)) {
    if (part.kind !== "compare" || (part.op !== "eq" && part.op !== "notDistinct")) continue;
    const [a, b] = [part.left, part.right];
    if (a.kind === "column" && rightIds.has(a.id) && !refersTo(b, rightIds)) fixed.add(a.id);
    if (b.kind === "column" && rightIds.has(b.id) && !refersTo(a, rightIds)) fixed.add(b.id);
  }
  return uniqueKeys(right).some((key) => [...key].every((id) => fixed.has(id)));
};

const joinKeys = (plan: LogicalJoin): readonly Key[] => {
  const { joinKind, left, right, condition } = plan;
  switch (joinKind) {
    case "semi":
    case "anti":
    case "mark":
    case "single":
      return uniqueKeys(left);
    case "inner":
    case "left":
      if (matchesAtMostOnce(condition, right)) return uniqueKeys(left);
      return joinKind === "left"
        ? []
        : uniqueKeys(left).flatMap((a) => uniqueKeys(right).map((b) => new Set([...a, ...b])));
    case "right":
    case "full":
      return [];
  }
};
