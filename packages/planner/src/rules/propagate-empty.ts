import {
  type Column,
  columnRef,
  conjuncts,
  constant,
  type Expression,
  FALSE,
  type LogicalJoin,
  type LogicalPlan,
} from "@headcut/plan";
import { columnsOf, transformPlanUp } from "../traverse/plan.ts";
import type { Rule } from "./rule.ts";

/** Filters that are never TRUE make nothing, and so does much of what is above them; filters that always are go. */
export const propagateEmpty: Rule = { name: "propagate-empty", apply: (plan) => transformPlanUp(plan, simplify) };

const isEmpty = (plan: LogicalPlan): boolean => plan.kind === "values" && plan.rows.length === 0;

const nothing = (plan: LogicalPlan): LogicalPlan => ({ kind: "values", columns: columnsOf(plan), rows: [] });

const neverTrue = (predicate: Expression): boolean =>
  conjuncts(predicate).some((part) => part.kind === "constant" && part.value !== true);

const simplify = (plan: LogicalPlan): LogicalPlan => {
  switch (plan.kind) {
    case "scan":
      return plan.filters.some(neverTrue) ? nothing(plan) : plan;
    case "filter":
      if (isEmpty(plan.input) || neverTrue(plan.predicate)) return nothing(plan);
      return conjuncts(plan.predicate).length === 0 ? plan.input : plan;
    case "project":
    case "sort":
    case "repeat":
      return isEmpty(plan.input) ? nothing(plan) : plan;
    case "aggregate":
      // Without groups there is one row even for no input.
      return isEmpty(plan.input) && plan.groups.length > 0 ? nothing(plan) : plan;
    case "limit":
      return isEmpty(plan.input) || plan.limit === 0 ? nothing(plan) : plan;
    case "join":
      return simplifyJoin(plan);
    case "setOperation":
      return simplifySetOperation(plan);
    case "with":
      return isEmpty(plan.body) ? nothing(plan) : plan;
    case "values":
    case "series":
    case "cteScan":
      return plan;
  }
};

const pass = (column: Column) => ({ id: column.id, name: column.name, expression: columnRef(column) });
const padding = (column: Column) => ({ id: column.id, name: column.name, expression: constant(column.type, null) });

const simplifyJoin = (plan: LogicalJoin): LogicalPlan => {
  const left = isEmpty(plan.left);
  const right = isEmpty(plan.right) || (neverTrue(plan.condition) && plan.joinKind !== "mark");
  const leftPadded = (): LogicalPlan => ({
    kind: "project",
    input: plan.left,
    projections: [...columnsOf(plan.left).map(pass), ...columnsOf(plan.right).map(padding)],
  });
  const rightPadded = (): LogicalPlan => ({
    kind: "project",
    input: plan.right,
    projections: [...columnsOf(plan.left).map(padding), ...columnsOf(plan.right).map(pass)],
  });
  switch (plan.joinKind) {
    case "inner":
    case "semi":
      return left || right ? nothing(plan) : plan;
    case "left":
    case "single":
      return left ? nothing(plan) : right ? leftPadded() : plan;
    case "right":
      if (isEmpty(plan.right)) return nothing(plan);
      return left || right ? rightPadded() : plan;
    case "full":
      // Rows of both sides survive a condition that is never TRUE.
      if (left) return isEmpty(plan.right) ? nothing(plan) : rightPadded();
      return isEmpty(plan.right) ? leftPadded() : plan;
    case "anti":
      return left ? nothing(plan) : right ? plan.left : plan;
    case "mark": {
      if (left) return nothing(plan);
      if (!right) return plan;
      const { id, name } = plan.mark!;
      const projections = [...columnsOf(plan.left).map(pass), { id, name, expression: FALSE }];
      return { kind: "project", input: plan.left, projections };
    }
  }
};

const simplifySetOperation = (plan: Extract<LogicalPlan, { kind: "setOperation" }>): LogicalPlan => {
  const left = isEmpty(plan.left);
  const right = isEmpty(plan.right);
  if (!left && !right) return plan;
  if (left && (right || plan.op !== "union")) return nothing(plan);
  if (right && plan.op === "intersect") return nothing(plan);
  if (!plan.all) return plan;
  const kept = left ? plan.right : plan.left;
  const columns = columnsOf(kept);
  const projections = plan.columns.map(({ id, name }, i) => ({ id, name, expression: columnRef(columns[i]!) }));
  return { kind: "project", input: kept, projections };
};
