import {
  type ColumnId,
  columnRef,
  type Expression,
  type LogicalPlan,
  type Projection,
  QueryError,
  type SortKey,
} from "@headcut/plan";
import type * as tree from "../syntax/tree.ts";
import { sameExpression } from "../traverse/expression.ts";
import { idsOf } from "../traverse/plan.ts";
import { sameName } from "./scope.ts";

/** A sort key before it is known where its value comes from: an output column, or an expression of its own. */
export interface BoundOrder {
  readonly value:
    | { readonly kind: "output"; readonly index: number }
    | { readonly kind: "expression"; readonly expression: Expression; readonly node: tree.Expression };
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

/**
 * Reads ORDER BY: an integer is an output column's number, a bare name first an output column's name, ALL every output column; what
 * is left goes to `bind`. NULLs come last, ascending or descending, unless told otherwise (as in DuckDB).
 */
export const bindOrder = (
  items: readonly tree.OrderItem[],
  names: readonly string[],
  bind: (node: tree.Expression) => Expression,
): readonly BoundOrder[] =>
  items.flatMap((item): readonly BoundOrder[] => {
    const how = { descending: item.direction === "desc", nullsFirst: item.nulls === "first" };
    if (item.kind === "orderAll") return names.map((_, index) => ({ value: { kind: "output", index }, ...how }));
    const node = item.expression;
    const index = outputIndex(node, names);
    if (index !== undefined) return [{ value: { kind: "output", index }, ...how }];
    const expression = bind(node);
    // A constant orders nothing.
    return expression.kind === "constant" ? [] : [{ value: { kind: "expression", expression, node }, ...how }];
  });

/** The output column that an ordinal or a name stands for. */
const outputIndex = (node: tree.Expression, names: readonly string[]): number | undefined => {
  if (node.kind === "number" && node.form === "integer") return ordinal(node, names.length, "ORDER BY");
  if (node.kind !== "columnName" || node.parts.length > 1) return undefined;
  const index = names.findIndex((name) => sameName(name, node.parts[0]!.name));
  return index < 0 ? undefined : index;
};

/** The zero-based index an ordinal stands for. */
export const ordinal = (node: tree.NumberLiteral, count: number, clause: string): number => {
  const number = Number(node.text);
  if (number >= 1 && number <= count) return number - 1;
  throw new QueryError("invalid-argument", `${clause} ${node.text} is out of range`, {
    range: node.range,
    hint: `columns are counted from 1 to ${count}`,
  });
};

/**
 * The projection with a sort on top. Keys that are no output column are computed along with the output and dropped
 * after sorting; `hidden` false forbids that (DISTINCT: there would be several values to choose from).
 */
export const sortProjected = (
  project: LogicalPlan & { readonly kind: "project" },
  order: readonly BoundOrder[],
  next: () => number,
): LogicalPlan => {
  if (order.length === 0) return project;
  const outputs = project.projections;
  const all = [...outputs];
  const keys = order.map(({ value, descending, nullsFirst }): SortKey => {
    const found =
      value.kind === "output" ? outputs[value.index]! : projectionOf(value.expression, all, idsOf(project.input), next);
    return { expression: projectedRef(found), descending, nullsFirst };
  });
  const sorted: LogicalPlan = { kind: "sort", input: { ...project, projections: all }, keys };
  if (all.length === outputs.length) return sorted;
  return {
    kind: "project",
    input: sorted,
    projections: outputs.map((output) => ({ ...output, expression: projectedRef(output) })),
  };
};

/** The projection with this expression, added if there is none. */
const projectionOf = (
  expression: Expression,
  all: Projection[],
  input: ReadonlySet<ColumnId>,
  next: () => number,
): Projection => {
  const found = all.find((candidate) => sameExpression(candidate.expression, expression));
  if (found !== undefined) return found;
  const keep =
    expression.kind === "column" &&
    input.has(expression.id) &&
    !all.some((candidate) => candidate.id === expression.id);
  const added = { id: keep ? expression.id : next(), name: "order", expression };
  all.push(added);
  return added;
};

export const projectedRef = ({ id, name, expression }: Projection): Expression =>
  columnRef({ id, name, type: expression.type, nullable: expression.nullable });
