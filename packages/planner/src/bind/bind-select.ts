import { type ColumnId, type Expression, type LogicalPlan, type Projection, QueryError } from "@headcut/plan";
import type * as tree from "../syntax/tree.ts";
import { sameExpression } from "../traverse/expression.ts";
import { idsOf } from "../traverse/plan.ts";
import { AGGREGATE_ARGUMENT } from "./bind-aggregate.ts";
import type { AggregateSink, ExpressionEnv, QueryEnv, QueryPlan, SubqueryJoin } from "./bind-context.ts";
import { bindFrom } from "./bind-from.ts";
import { clauseEnv } from "./environments.ts";
import { bindGroups, type Groups } from "./group-by.ts";
import { regroup, regroupJoins } from "./grouping.ts";
import { bindExpression, bindPredicate } from "./operands.ts";
import { type BoundOrder, bindOrder, projectedRef, sortProjected } from "./order-by.ts";
import { sameName } from "./scope.ts";
import { expandItems, type SelectOutput } from "./select-items.ts";
import { applyJoins } from "./subquery-joins.ts";

/** A SELECT with the ORDER BY of the query it is the body of. */
export const bindSelect = (node: tree.Select, orderBy: readonly tree.OrderItem[], env: QueryEnv): QueryPlan => {
  const from = bindFrom(node.from, env);
  const outputs = expandItems(node.items, from.scope);
  const names = outputs.map(({ name }) => name);
  const alias = writtenAlias(outputs);

  const where: ExpressionEnv = { ...clauseEnv(env, from.scope, "WHERE"), alias };
  const predicate = node.where && bindPredicate(node.where, where);
  const input = predicate === undefined ? from.plan : filter(from.plan, where.joins, predicate);

  // Arguments of aggregates and GROUP BY are evaluated below the aggregation, all that follows above it.
  const below: ExpressionEnv = { ...clauseEnv(env, from.scope, AGGREGATE_ARGUMENT), alias };
  const groups = bindGroups(node.groupBy, outputs, { ...below, clause: "GROUP BY" }, idsOf(from.plan));
  const aggregates: AggregateSink = { inputEnv: below, columns: [], emptyGroups: !groups.present };
  const above = (clause: string): ExpressionEnv => ({
    ...clauseEnv(env, from.scope, clause),
    aggregates,
    known: groups.known,
  });
  const having: ExpressionEnv = { ...above("HAVING"), alias };
  const condition = node.having && bindPredicate(node.having, having);
  const select = above("SELECT");
  const items = bindItems(outputs, select);
  const order = bindOrder(
    orderBy,
    names,
    (key) => bindExpression(key, { ...select, clause: "ORDER BY", alias: boundAlias(outputs, items) }).expression,
  );

  if (!groups.present && aggregates.columns.length === 0 && condition === undefined) {
    return { plan: project(node, applyJoins(input, select.joins), names, items, order, env), names };
  }
  const plan = aggregation(applyJoins(input, below.joins), groups, aggregates);
  const over = regroup(plan.input, groups.projections, env.state);
  const kept = condition === undefined ? plan : filter(plan, regroupJoins(having.joins, over), over(condition));
  return {
    plan: project(
      node,
      applyJoins(kept, regroupJoins(select.joins, over)),
      names,
      items.map(over),
      order.map((key) => regroupOrder(key, over)),
      env,
    ),
    names,
  };
};

const filter = (input: LogicalPlan, joins: readonly SubqueryJoin[], predicate: Expression): LogicalPlan => ({
  kind: "filter",
  input: applyJoins(input, joins),
  predicate,
});

const aggregation = (
  input: LogicalPlan,
  groups: Groups,
  aggregates: AggregateSink,
): LogicalPlan & { readonly kind: "aggregate" } => ({
  kind: "aggregate",
  input,
  groups: groups.projections,
  aggregates: aggregates.columns,
});

const regroupOrder = (order: BoundOrder, over: (expression: Expression) => Expression): BoundOrder =>
  order.value.kind === "output"
    ? order
    : { ...order, value: { ...order.value, expression: over(order.value.expression) } };

/** Output aliases where no output is bound yet: the alias's expression is bound in its place. */
const writtenAlias =
  (outputs: readonly SelectOutput[], busy: readonly SelectOutput[] = []): NonNullable<ExpressionEnv["alias"]> =>
  (name, env) => {
    const found = outputs.find((output) => isAlias(output, name) && !busy.includes(output));
    if (found?.kind !== "written") return undefined;
    return bindExpression(found.node, { ...env, alias: writtenAlias(outputs, [...busy, found]) }).expression;
  };

const isAlias = (output: SelectOutput, name: string): boolean =>
  output.kind === "written" && output.alias && sameName(output.name, name);

/** Output aliases of the items bound so far. */
const boundAlias =
  (outputs: readonly SelectOutput[], items: readonly Expression[]): NonNullable<ExpressionEnv["alias"]> =>
  (name) =>
    items.find((_, i) => isAlias(outputs[i]!, name));

/** The select list; an item may use the aliases of those before it. */
const bindItems = (outputs: readonly SelectOutput[], env: ExpressionEnv): readonly Expression[] => {
  const items: Expression[] = [];
  const inner: ExpressionEnv = { ...env, alias: boundAlias(outputs, items) };
  for (const output of outputs) {
    if (output.kind === "column") env.state.places.set(output.expression, output.range);
    items.push(output.kind === "column" ? output.expression : bindExpression(output.node, inner).expression);
  }
  return items;
};

/** The projection to the select list, then DISTINCT, then the order. */
const project = (
  node: tree.Select,
  input: LogicalPlan,
  names: readonly string[],
  items: readonly Expression[],
  order: readonly BoundOrder[],
  env: QueryEnv,
): LogicalPlan => {
  const next = (): number => env.state.ids.next();
  const projections = outputProjections(items, names, idsOf(input), next);
  const plan = { kind: "project" as const, input, projections };
  if (node.distinct === undefined) return sortProjected(plan, order, next);
  if (node.distinct.on.length > 0) {
    throw new QueryError("unsupported", "DISTINCT ON is not supported", {
      range: node.distinct.range,
      hint: "use GROUP BY with any_value or min",
    });
  }
  return sortDistinct(
    { kind: "aggregate", input: plan, groups: projections.map(passOn), aggregates: [] },
    projections,
    order,
  );
};

/** A column of the input keeps its id, but only once; one of an enclosing query is copied. */
const outputProjections = (
  items: readonly Expression[],
  names: readonly string[],
  input: ReadonlySet<ColumnId>,
  next: () => number,
): readonly Projection[] => {
  const taken = new Set<number>();
  return items.map((expression, i): Projection => {
    const keep = expression.kind === "column" && input.has(expression.id) && !taken.has(expression.id);
    const id = keep ? expression.id : next();
    taken.add(id);
    return { id, name: names[i]!, expression };
  });
};

const passOn = (projection: Projection): Projection => ({ ...projection, expression: projectedRef(projection) });

const sortDistinct = (
  input: LogicalPlan,
  outputs: readonly Projection[],
  order: readonly BoundOrder[],
): LogicalPlan => {
  if (order.length === 0) return input;
  const keys = order.map(({ value, descending, nullsFirst }) => {
    const output =
      value.kind === "output"
        ? outputs[value.index]!
        : outputs.find((candidate) => sameExpression(candidate.expression, value.expression));
    if (output === undefined && value.kind === "expression") {
      throw new QueryError("unsupported", "with DISTINCT, ORDER BY can only name what is selected", {
        range: value.node.range,
        hint: "add the expression to the select list",
      });
    }
    return { expression: projectedRef(output!), descending, nullsFirst };
  });
  return { kind: "sort", input, keys };
};
