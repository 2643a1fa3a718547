import {
  and,
  type Column,
  type CompareOp,
  columnRef,
  compare,
  type Expression,
  not,
  outputColumns,
  QueryError,
  type SourceRange,
  TRUE,
  typeName,
} from "@headcut/plan";
import { commonOperandType, type Operand } from "../functions/operand.ts";
import { plural } from "../functions/plural.ts";
import { coerce } from "../functions/resolve.ts";
import type * as tree from "../syntax/tree.ts";
import type { ExpressionEnv, QueryPlan } from "./bind-context.ts";
import { bindExpression, operand } from "./operands.ts";

const bindInner = (query: tree.Query, env: ExpressionEnv): QueryPlan =>
  env.state.bindQuery(query, { state: env.state, ctes: env.ctes, outer: env });

/** Adds a mark join to the operator's input; its mark is what the expression refers to. */
const mark = (inner: QueryPlan, condition: Expression, env: ExpressionEnv, name: string): Expression => {
  const column: Column = { id: env.state.ids.next(), name, type: TRUE.type, nullable: condition.nullable };
  env.joins.push({ joinKind: "mark", right: inner.plan, condition, mark: column });
  return columnRef(column);
};

/** `(SELECT …)` as a value: NULL for no row; more than one is an error when run. */
export const bindScalarQuery = (node: tree.ScalarQuery, env: ExpressionEnv): Operand => {
  const inner = bindInner(node.query, env);
  const columns = outputColumns(inner.plan);
  if (columns.length !== 1) {
    throw new QueryError("invalid-argument", `a subquery that is a value has one column, not ${columns.length}`, {
      range: node.range,
    });
  }
  env.joins.push({ joinKind: "single", right: inner.plan, condition: TRUE, mark: undefined });
  return operand(columnRef({ ...columns[0]!, nullable: true }), node.range);
};

export const bindExists = (node: tree.Exists, env: ExpressionEnv): Operand =>
  operand(mark(bindInner(node.query, env), TRUE, env, "exists"), node.range);

export const bindInQuery = (node: tree.InQuery, env: ExpressionEnv): Operand => {
  const found = matches(node.operand, "eq", node.query, node.range, env);
  return operand(node.negated ? not(found) : found, node.range);
};

const OPS: Readonly<Record<tree.CompareOp, { readonly op: CompareOp; readonly inverse: CompareOp }>> = {
  "=": { op: "eq", inverse: "ne" },
  "<>": { op: "ne", inverse: "eq" },
  "<": { op: "lt", inverse: "ge" },
  "<=": { op: "le", inverse: "gt" },
  ">": { op: "gt", inverse: "le" },
  ">=": { op: "ge", inverse: "lt" },
};

/** `x op ALL (q)` is: for no y of q is NOT (x op y) true, which in three-valued logic is NOT (x inverse-op ANY (q)). */
export const bindQuantified = (node: tree.Quantified, env: ExpressionEnv): Operand => {
  const { op, inverse } = OPS[node.op];
  if (node.quantifier === "any") return operand(matches(node.operand, op, node.query, node.range, env), node.range);
  return operand(not(matches(node.operand, inverse, node.query, node.range, env)), node.range);
};

/** Whether some row of the query compares so with the operand, which may be a row of several. */
const matches = (
  node: tree.Expression,
  op: CompareOp,
  query: tree.Query,
  range: SourceRange,
  env: ExpressionEnv,
): Expression => {
  const items = node.kind === "row" ? node.items : [node];
  if (items.length > 1 && op !== "eq") {
    throw new QueryError("unsupported", "rows can be compared with a subquery by = ANY and IN alone", { range });
  }
  const left = items.map((item) => bindExpression(item, env));
  const inner = bindInner(query, env);
  const columns = outputColumns(inner.plan);
  if (columns.length !== left.length) {
    throw new QueryError(
      "invalid-argument",
      `the subquery has ${plural(columns.length, "column")} and is compared with ${plural(left.length, "value")}`,
      { range: query.range },
    );
  }
  const comparisons = left.map((value, i) => compareWith(op, value, columns[i]!, query.range));
  return mark(inner, and(...comparisons), env, "in");
};

/** Unlike between columns, no string is read as something else here (DuckDB asks for an explicit cast too). */
const compareWith = (op: CompareOp, value: Operand, column: Column, range: SourceRange): Expression => {
  const other = operand(columnRef(column), range);
  const type = commonOperandType([value, other]);
  if (type === undefined) {
    throw new QueryError(
      "type-mismatch",
      `cannot compare ${typeName(value.expression.type)} with the subquery's ${typeName(column.type)}`,
      { range: value.range, hint: "cast one side to the other's type" },
    );
  }
  return compare(op, coerce(value, type), coerce(other, type));
};
