import {
  columnRef,
  type Expression,
  int32,
  int64,
  type LogicalPlan,
  outputColumns,
  QueryError,
  unreachable,
} from "@headcut/plan";
import type * as tree from "../syntax/tree.ts";
import type { QueryEnv, QueryPlan } from "./bind-context.ts";
import { bindSelect } from "./bind-select.ts";
import { bindValues } from "./bind-values.ts";
import { bindCommonTables } from "./common-tables.ts";
import { constantArgument } from "./constant-argument.ts";
import { clauseEnv } from "./environments.ts";
import { bindExpression } from "./operands.ts";
import { bindOrder, sortProjected } from "./order-by.ts";
import { castColumns, combineQueries } from "./set-operation.ts";
import { applyJoins } from "./subquery-joins.ts";

/** A query. Columns of type NULL become INTEGER, as DuckDB shows them. */
export const bindWholeQuery = (node: tree.Query, env: QueryEnv): QueryPlan => {
  const { plan, names } = bindQueryNode(node, env);
  const types = outputColumns(plan).map(({ type }) => (type.kind === "null" ? int32 : type));
  return { plan: castColumns(plan, types, node, env), names };
};

/** WITH, the body, ORDER BY, LIMIT. Columns of type NULL are left so: a set operation around it may know better. */
export const bindQueryNode = (node: tree.Query, env: QueryEnv): QueryPlan => {
  const commonTables = bindCommonTables(node.with, env);
  const { plan, names } = bindOrderedBody(node.body, node.orderBy, commonTables.env);
  return { plan: commonTables.wrap(limited(plan, node, env)), names };
};

const bindOrderedBody = (body: tree.QueryBody, orderBy: readonly tree.OrderItem[], env: QueryEnv): QueryPlan => {
  if (body.kind === "select") return bindSelect(body, orderBy, env);
  const query = bindBody(body, env);
  return orderBy.length === 0 ? query : { plan: orderOutput(query, orderBy, env), names: query.names };
};

const bindBody = (body: tree.QueryBody, env: QueryEnv): QueryPlan => {
  switch (body.kind) {
    case "select":
      return bindSelect(body, [], env);
    case "values":
      return bindValues(body, env);
    case "setOperation":
      return combineQueries(body, bindBody(body.left, env), bindBody(body.right, env), env);
    case "query":
      return bindQueryNode(body, env);
    default:
      return unreachable(body);
  }
};

/** ORDER BY over a query that is no plain SELECT: expressions over its output columns. */
const orderOutput = (query: QueryPlan, orderBy: readonly tree.OrderItem[], env: QueryEnv): LogicalPlan => {
  const columns = outputColumns(query.plan).map((column, i) => ({ ...column, name: query.names[i]! }));
  const scope = { relations: [{ alias: "", qualifiers: [], columns }], merged: [] };
  const inner = clauseEnv(env, scope, "ORDER BY");
  const bind = (key: tree.Expression): Expression => bindExpression(key, inner).expression;
  const order = bindOrder(orderBy, query.names, bind);
  const project = {
    kind: "project" as const,
    input: applyJoins(query.plan, inner.joins),
    projections: columns.map((column) => ({ id: column.id, name: column.name, expression: columnRef(column) })),
  };
  return sortProjected(project, order, () => env.state.ids.next());
};

const limited = (input: LogicalPlan, node: tree.Query, env: QueryEnv): LogicalPlan => {
  const limit = node.limit && rowCount(node.limit, "LIMIT", env);
  const offset = (node.offset && rowCount(node.offset, "OFFSET", env)) ?? 0;
  return limit === undefined && offset === 0 ? input : { kind: "limit", input, limit, offset };
};

/** A constant number of rows; NULL is no limit. */
const rowCount = (node: tree.Expression, clause: string, env: QueryEnv): number | undefined => {
  const value = constantArgument(node, int64, clause, env) as bigint | null;
  if (value === null) return undefined;
  if (value < 0n) throw new QueryError("invalid-argument", `${clause} cannot be negative`, { range: node.range });
  return Number(value > BigInt(Number.MAX_SAFE_INTEGER) ? BigInt(Number.MAX_SAFE_INTEGER) : value);
};
