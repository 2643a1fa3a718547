import {
  type AggregateCall,
  type AggregateColumn,
  type Column,
  type ColumnId,
  type Expression,
  type LogicalPlan,
  outputColumns as outputOf,
  type Projection,
  type SortKey,
} from "@headcut/plan";
import { freeColumns, mapList } from "./expression.ts";

/** The direct inputs of a plan node, in order (`with`: definition, then body). */
export const inputs = (plan: LogicalPlan): readonly LogicalPlan[] => {
  switch (plan.kind) {
    case "scan":
    case "values":
    case "series":
    case "cteScan":
      return [];
    case "filter":
    case "project":
    case "aggregate":
    case "sort":
    case "limit":
    case "repeat":
      return [plan.input];
    case "join":
    case "setOperation":
      return [plan.left, plan.right];
    case "with":
      return [plan.definition, plan.body];
  }
};

/** The node with `f` applied to its direct inputs; the same object when none changed. */
export const mapInputs = (plan: LogicalPlan, f: (input: LogicalPlan) => LogicalPlan): LogicalPlan => {
  switch (plan.kind) {
    case "scan":
    case "values":
    case "series":
    case "cteScan":
      return plan;
    case "filter":
    case "project":
    case "aggregate":
    case "sort":
    case "limit":
    case "repeat": {
      const input = f(plan.input);
      return input === plan.input ? plan : { ...plan, input };
    }
    case "join":
    case "setOperation": {
      const left = f(plan.left);
      const right = f(plan.right);
      return left === plan.left && right === plan.right ? plan : { ...plan, left, right };
    }
    case "with": {
      const definition = f(plan.definition);
      const body = f(plan.body);
      return definition === plan.definition && body === plan.body ? plan : { ...plan, definition, body };
    }
  }
};

const mapProjections = (list: readonly Projection[], f: (e: Expression) => Expression): readonly Projection[] =>
  mapList(list, (projection) => {
    const expression = f(projection.expression);
    return expression === projection.expression ? projection : { ...projection, expression };
  });

const mapSortKeys = (keys: readonly SortKey[], f: (e: Expression) => Expression): readonly SortKey[] =>
  mapList(keys, (key) => {
    const expression = f(key.expression);
    return expression === key.expression ? key : { ...key, expression };
  });

/** The call with `f` applied to its arguments, filter and order; the same object when nothing changed. */
export const mapAggregateCall = (call: AggregateCall, f: (e: Expression) => Expression): AggregateCall => {
  const args = mapList(call.args, f);
  const filter = call.filter === undefined ? undefined : f(call.filter);
  const orderBy = mapSortKeys(call.orderBy, f);
  if (args === call.args && filter === call.filter && orderBy === call.orderBy) return call;
  return { ...call, args, filter, orderBy };
};

const mapAggregates = (list: readonly AggregateColumn[], f: (e: Expression) => Expression) =>
  mapList(list, (column) => {
    const call = mapAggregateCall(column.call, f);
    return call === column.call ? column : { ...column, call };
  });

/** The node with `f` applied to the expressions it holds itself; the same object when none changed. */
export const mapExpressions = (plan: LogicalPlan, f: (expression: Expression) => Expression): LogicalPlan => {
  switch (plan.kind) {
    case "scan": {
      const filters = mapList(plan.filters, f);
      return filters === plan.filters ? plan : { ...plan, filters };
    }
    case "values": {
      const rows = mapList(plan.rows, (row) => mapList(row, f));
      return rows === plan.rows ? plan : { ...plan, rows };
    }
    case "filter": {
      const predicate = f(plan.predicate);
      return predicate === plan.predicate ? plan : { ...plan, predicate };
    }
    case "project": {
      const projections = mapProjections(plan.projections, f);
      return projections === plan.projections ? plan : { ...plan, projections };
    }
    case "join": {
      const condition = f(plan.condition);
      return condition === plan.condition ? plan : { ...plan, condition };
    }
    case "aggregate": {
      const groups = mapProjections(plan.groups, f);
      const aggregates = mapAggregates(plan.aggregates, f);
      return groups === plan.groups && aggregates === plan.aggregates ? plan : { ...plan, groups, aggregates };
    }
    case "sort": {
      const keys = mapSortKeys(plan.keys, f);
      return keys === plan.keys ? plan : { ...plan, keys };
    }
    case "repeat": {
      const count = f(plan.count);
      return count === plan.count ? plan : { ...plan, count };
    }
    case "series":
    case "limit":
    case "setOperation":
    case "with":
    case "cteScan":
      return plan;
  }
};

/** Calls `visit` with every expression the node holds itself. */
export const visitExpressions = (plan: LogicalPlan, visit: (expression: Expression) => void): void => {
  mapExpressions(plan, (expression) => {
    visit(expression);
    return expression;
  });
};

/** Applies `f` to every node, inputs first. */
export const transformPlanUp = (plan: LogicalPlan, f: (node: LogicalPlan) => LogicalPlan): LogicalPlan =>
  f(mapInputs(plan, (input) => transformPlanUp(input, f)));

/** Applies `f` to every node, then to the inputs of its result. */
export const transformPlanDown = (plan: LogicalPlan, f: (node: LogicalPlan) => LogicalPlan): LogicalPlan =>
  mapInputs(f(plan), (input) => transformPlanDown(input, f));

/** Applies `f` to every expression (as a whole) of the plan and of all plans below. */
export const mapAllExpressions = (plan: LogicalPlan, f: (expression: Expression) => Expression): LogicalPlan =>
  transformPlanUp(plan, (node) => mapExpressions(node, f));

const columnsMemo = new WeakMap<LogicalPlan, readonly Column[]>();
const idsMemo = new WeakMap<LogicalPlan, ReadonlySet<ColumnId>>();

/** `outputColumns`, remembered per plan object (plans never change). */
export const columnsOf = (plan: LogicalPlan): readonly Column[] => {
  let columns = columnsMemo.get(plan);
  if (columns === undefined) {
    columns = outputOf(plan);
    columnsMemo.set(plan, columns);
  }
  return columns;
};

/** The ids of the columns a plan produces. */
export const idsOf = (plan: LogicalPlan): ReadonlySet<ColumnId> => {
  let ids = idsMemo.get(plan);
  if (ids === undefined) {
    ids = new Set(columnsOf(plan).map((column) => column.id));
    idsMemo.set(plan, ids);
  }
  return ids;
};

const outerMemo = new WeakMap<LogicalPlan, ReadonlySet<ColumnId>>();

/** The columns a plan refers to and does not produce itself: what correlates it with something outside. */
export const outerColumns = (plan: LogicalPlan): ReadonlySet<ColumnId> => {
  const known = outerMemo.get(plan);
  if (known !== undefined) return known;
  const outer = new Set<ColumnId>();
  for (const input of inputs(plan)) for (const id of outerColumns(input)) outer.add(id);
  visitExpressions(plan, (expression) => {
    for (const id of freeColumns(expression)) outer.add(id);
  });
  if (plan.kind === "scan") for (const column of plan.columns) outer.delete(column.id);
  for (const input of inputs(plan)) for (const id of idsOf(input)) outer.delete(id);
  outerMemo.set(plan, outer);
  return outer;
};
