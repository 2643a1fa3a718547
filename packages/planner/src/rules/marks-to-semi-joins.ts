import { and, type ColumnId, conjuncts, type Expression, type LogicalJoin, type LogicalPlan } from "@headcut/plan";
import { children } from "../traverse/expression.ts";
import { inputs, transformPlanUp, visitExpressions } from "../traverse/plan.ts";
import type { Rule } from "./rule.ts";

/**
 * A filter on a mark join's mark makes it a semi join; a filter on its negation an anti join, unless the condition may
 * be NULL: `x NOT IN (…)` drops rows whose mark is NULL, an anti join would keep them. The mark must not be used elsewhere.
 */
export const marksToSemiJoins: Rule = {
  name: "marks-to-semi-joins",
  apply: (plan) => {
    const uses = referenceCounts(plan);
    return transformPlanUp(plan, (node) => {
      if (node.kind !== "filter") return node;
      let input = node.input;
      const rest: Expression[] = [];
      // Marks of a stack of joins may all be asked for by one filter.
      for (const part of conjuncts(node.predicate)) {
        const replaced = withoutMark(input, part, uses);
        if (replaced === undefined) rest.push(part);
        else input = replaced;
      }
      if (input === node.input) return node;
      return rest.length === 0 ? input : { kind: "filter", input, predicate: and(...rest) };
    });
  },
};

const withoutMark = (
  plan: LogicalPlan,
  part: Expression,
  uses: ReadonlyMap<ColumnId, number>,
): LogicalPlan | undefined => {
  if (plan.kind !== "join") return undefined;
  const negated = part.kind === "not";
  const mark = negated ? part.arg : part;
  if (mark.kind !== "column" || uses.get(mark.id) !== 1) return undefined;
  return replaceMark(plan, mark.id, negated);
};

/** The join that makes the mark, on top or on the left below other joins that keep their left rows. */
const replaceMark = (plan: LogicalJoin, mark: ColumnId, negated: boolean): LogicalPlan | undefined => {
  if (plan.mark?.id === mark) {
    if (negated && plan.condition.nullable) return undefined;
    return { ...plan, joinKind: negated ? "anti" : "semi", mark: undefined };
  }
  const keepsLeft = plan.joinKind !== "right" && plan.joinKind !== "full";
  if (!keepsLeft || plan.left.kind !== "join") return undefined;
  const left = replaceMark(plan.left, mark, negated);
  return left === undefined ? undefined : { ...plan, left };
};

/** How often the expressions of a plan refer to each column. */
const referenceCounts = (plan: LogicalPlan): ReadonlyMap<ColumnId, number> => {
  const counts = new Map<ColumnId, number>();
  const count = (expression: Expression): void => {
    if (expression.kind === "column") counts.set(expression.id, (counts.get(expression.id) ?? 0) + 1);
    for (const child of children(expression)) count(child);
  };
  const visit = (node: LogicalPlan): void => {
    visitExpressions(node, count);
    if (node.kind === "cteScan")
      for (const { source } of node.columns) counts.set(source, (counts.get(source) ?? 0) + 1);
    inputs(node).forEach(visit);
  };
  visit(plan);
  return counts;
};
