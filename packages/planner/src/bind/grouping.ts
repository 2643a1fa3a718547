import {
  type ColumnId,
  columnRef,
  type Expression,
  type LogicalPlan,
  type Projection,
  QueryError,
} from "@headcut/plan";
import { mapChildren, sameExpression } from "../traverse/expression.ts";
import { idsOf, mapAllExpressions } from "../traverse/plan.ts";
import type { BindState, SubqueryJoin } from "./bind-context.ts";

/** Rewrites expressions over an aggregation's input into expressions over its output. */
export type Regroup = (expression: Expression) => Expression;

export const groupRef = ({ id, name, expression }: Projection): Expression =>
  columnRef({ id, name, type: expression.type, nullable: expression.nullable });

/**
 * What equals a GROUP BY expression becomes that group's column; a column of the input that remains has no one value per
 * group, which is the user's mistake.
 */
export const regroup = (input: LogicalPlan, groups: readonly Projection[], state: BindState): Regroup => {
  const grouped = new Set(groups.map((group) => group.id));
  const lost = new Set([...idsOf(input)].filter((id) => !grouped.has(id)));
  const rewrite: Regroup = (expression) => {
    // A constant stays one: functions may insist on it.
    if (expression.kind === "constant") return expression;
    const group = groups.find((candidate) => sameExpression(candidate.expression, expression));
    if (group !== undefined) return groupRef(group);
    if (expression.kind === "column" && lost.has(expression.id)) throw ungrouped(expression, groups, state);
    return mapChildren(expression, rewrite);
  };
  return rewrite;
};

const ungrouped = (
  column: Expression & { readonly kind: "column" },
  groups: readonly Projection[],
  state: BindState,
): QueryError => {
  const range = state.places.get(column);
  return new QueryError("invalid-argument", `column ${column.name} must appear in GROUP BY or inside an aggregate`, {
    ...(range && { range }),
    hint:
      groups.length === 0
        ? `write GROUP BY ${column.name}, or any_value(${column.name}) if the value does not matter`
        : `add ${column.name} to GROUP BY, or write any_value(${column.name}) if the value does not matter`,
  });
};

/** The joins of subqueries that stand above the aggregation: their references to the input become references to groups. */
export const regroupJoins = (joins: readonly SubqueryJoin[], rewrite: Regroup): readonly SubqueryJoin[] =>
  joins.map((join) => ({
    ...join,
    condition: rewrite(join.condition),
    right: mapAllExpressions(join.right, rewrite),
  }));

/** A group passes a column of its input on under its own id, as a projection does; an enclosing query's column is copied. */
export const groupProjection = (
  expression: Expression,
  name: string,
  input: ReadonlySet<ColumnId>,
  next: () => ColumnId,
): Projection => ({
  id: expression.kind === "column" && input.has(expression.id) ? expression.id : next(),
  name,
  expression,
});
