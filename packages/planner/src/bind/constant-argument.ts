import { type DataType, QueryError, type Value } from "@headcut/plan";
import { evaluateConstant } from "../fold/evaluate.ts";
import { coerce } from "../functions/resolve.ts";
import type * as tree from "../syntax/tree.ts";
import type { QueryEnv } from "./bind-context.ts";
import { columnlessEnv } from "./environments.ts";
import { bindExpression, operand } from "./operands.ts";

/** The value, of that type, of an expression that must be constant. */
export const constantArgument = (node: tree.Expression, type: DataType, what: string, env: QueryEnv): Value => {
  if (hasColumn(node)) throw new QueryError("unsupported", `${what} must be constant`, { range: node.range });
  const inner = columnlessEnv({ ...env, outer: undefined }, what);
  const bound = bindExpression(node, inner);
  const value = inner.joins.length > 0 ? undefined : evaluateConstant(bound.expression);
  if (value === undefined) throw new QueryError("unsupported", `${what} must be constant`, { range: node.range });
  const literal = bound.expression.kind === "constant" ? bound : operand(bound.expression, node.range);
  const typed = evaluateConstant(coerce(literal, type));
  return typed === undefined ? null : typed.value;
};

const hasColumn = (node: unknown): boolean => {
  if (Array.isArray(node)) return node.some(hasColumn);
  if (typeof node !== "object" || node === null) return false;
  return ("kind" in node && node.kind === "columnName") || Object.values(node).some(hasColumn);
};
