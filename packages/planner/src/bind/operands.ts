import { boolean, type Expression, QueryError, type SourceRange, typeName } from "@headcut/plan";
import { canCast } from "../fold/cast-value.ts";
import type { Operand } from "../functions/operand.ts";
import { castTo } from "../functions/resolve.ts";
import type * as tree from "../syntax/tree.ts";
import type { ExpressionEnv } from "./bind-context.ts";

/** An expression that is no literal. */
export const operand = (expression: Expression, range: SourceRange): Operand => ({
  expression,
  literal: undefined,
  range,
});

/** The operand as a condition: numbers and strings are cast, as DuckDB does. */
export const asBoolean = (value: Operand, clause: string): Expression => {
  const { type } = value.expression;
  if (type.kind !== "boolean" && !canCast(type, boolean)) {
    throw new QueryError("type-mismatch", `${clause} must be BOOLEAN, not ${typeName(type)}`, { range: value.range });
  }
  return castTo(value.expression, boolean, value.range);
};

/** Binds an expression inside another. */
export const bindExpression = (node: tree.Expression, env: ExpressionEnv): Operand =>
  env.state.bindExpression(node, env);

/** Binds a condition. */
export const bindPredicate = (node: tree.Expression, env: ExpressionEnv): Expression =>
  asBoolean(bindExpression(node, env), env.clause);
