import { type ColumnId, conjuncts, type LogicalJoin, type LogicalPlan } from "@headcut/plan";
import { columnsOf, idsOf, mapInputs } from "../traverse/plan.ts";
import { nullRejected, strictColumns } from "./null-rejection.ts";
import type { Rule } from "./rule.ts";

/**
 * Outer joins whose padded rows a predicate above drops anyway become inner (or lose one preserved side). Going down,
 * it carries the columns in which NULL means that the row will be dropped.
 */
export const outerToInnerJoins: Rule = {
  name: "outer-to-inner-joins",
  apply: (plan) => descend(plan, new Set()),
};

type Rejected = ReadonlySet<ColumnId>;
const NOTHING: Rejected = new Set();

const descend = (plan: LogicalPlan, rejected: Rejected): LogicalPlan => {
  const below = (input: LogicalPlan, columns: Rejected): LogicalPlan => descend(input, columns);
  switch (plan.kind) {
    case "filter":
      return mapInputs(plan, (input) => below(input, both(rejected, nullRejected(plan.predicate))));
    case "project":
    case "aggregate": {
      const computed = plan.kind === "project" ? plan.projections : plan.groups;
      const columns = new Set<ColumnId>();
      for (const { id, expression } of computed) {
        if (rejected.has(id)) for (const column of strictColumns(expression)) columns.add(column);
      }
      return mapInputs(plan, (input) => below(input, columns));
    }
    case "sort":
      return mapInputs(plan, (input) => below(input, rejected));
    case "setOperation": {
      const of = (input: LogicalPlan): Rejected => {
        const columns = columnsOf(input);
        return new Set(plan.columns.flatMap((column, i) => (rejected.has(column.id) ? [columns[i]!.id] : [])));
      };
      const left = below(plan.left, of(plan.left));
      const right = below(plan.right, plan.op === "except" ? NOTHING : of(plan.right));
      return left === plan.left && right === plan.right ? plan : { ...plan, left, right };
    }
    case "with": {
      const definition = below(plan.definition, NOTHING);
      const body = below(plan.body, rejected);
      return definition === plan.definition && body === plan.body ? plan : { ...plan, definition, body };
    }
    case "join":
      return descendJoin(plan, rejected);
    case "scan":
    case "values":
    case "series":
    case "limit":
    case "cteScan":
    case "repeat":
      return mapInputs(plan, (input) => below(input, NOTHING));
  }
};

const both = (a: Rejected, b: Rejected): Rejected => (b.size === 0 ? a : a.size === 0 ? b : new Set([...a, ...b]));

const touches = (rejected: Rejected, plan: LogicalPlan): boolean => {
  for (const id of idsOf(plan)) if (rejected.has(id)) return true;
  return false;
};

/** The join kind once rows padded in rejected columns are known to be dropped. */
const narrowed = (plan: LogicalJoin, rejected: Rejected): LogicalJoin["joinKind"] => {
  const leftNeeded = touches(rejected, plan.left);
  const rightNeeded = touches(rejected, plan.right);
  switch (plan.joinKind) {
    case "left":
      return rightNeeded ? "inner" : "left";
    case "right":
      return leftNeeded ? "inner" : "right";
    case "full":
      if (leftNeeded && rightNeeded) return "inner";
      return leftNeeded ? "left" : rightNeeded ? "right" : "full";
    case "inner":
    case "semi":
    case "anti":
    case "mark":
    case "single":
      return plan.joinKind;
  }
};

const descendJoin = (plan: LogicalJoin, rejected: Rejected): LogicalPlan => {
  const joinKind = narrowed(plan, rejected);
  const on = conjuncts(plan.condition).reduce<Rejected>((all, part) => both(all, nullRejected(part)), NOTHING);
  // A row without a match is dropped as well where the join drops it; where it is preserved only what is above counts.
  const sides: { readonly left: Rejected; readonly right: Rejected } = (() => {
    switch (joinKind) {
      case "inner":
        return { left: both(rejected, on), right: both(rejected, on) };
      case "left":
        return { left: rejected, right: on };
      case "right":
        return { left: on, right: rejected };
      case "full":
        return { left: NOTHING, right: NOTHING };
      case "semi":
        return { left: both(rejected, on), right: on };
      case "anti":
      case "single":
        return { left: rejected, right: on };
      case "mark":
        return { left: rejected, right: NOTHING };
    }
  })();
  const left = descend(plan.left, sides.left);
  const right = descend(plan.right, sides.right);
  if (joinKind === plan.joinKind && left === plan.left && right === plan.right) return plan;
  return { ...plan, joinKind, left, right };
};
