import { type Expression, QueryError } from "@headcut/plan";
import type { Operand } from "../functions/operand.ts";
import type * as tree from "../syntax/tree.ts";
import type { ExpressionEnv } from "./bind-context.ts";
import { operand } from "./operands.ts";
import { resolveColumn, type Scope, unknownColumn } from "./scope.ts";

/** A column of this query, an output alias where those are visible, else a column of an enclosing query. */
export const bindColumn = (node: tree.ColumnName, env: ExpressionEnv): Operand => {
  const parts = node.parts.map((part) => part.name);
  const found = lookUp(parts, node, env);
  if (found === undefined) throw unknownColumn(scopesOf(env), parts, node.range);
  env.state.places.set(found, node.range);
  return operand(found, node.range);
};

const lookUp = (parts: readonly string[], node: tree.ColumnName, env: ExpressionEnv): Expression | undefined => {
  const own = resolveColumn(env.scope, parts, node.range);
  if (own !== undefined) return own;
  const alias = parts.length === 1 ? env.alias?.(parts[0]!, env) : undefined;
  if (alias !== undefined) return alias;
  for (let outer = env.outer; outer !== undefined; outer = outer.outer) {
    const found = resolveColumn(outer.scope, parts, node.range);
    if (found !== undefined) return found;
  }
  return undefined;
};

const scopesOf = (env: ExpressionEnv): readonly Scope[] => {
  const scopes: Scope[] = [];
  for (let at: ExpressionEnv | undefined = env; at !== undefined; at = at.outer) scopes.push(at.scope);
  return scopes;
};

/** How many queries out a name leads: 0 for this query's columns, undefined when nothing knows it. */
export const columnLevel = (node: tree.ColumnName, env: ExpressionEnv): number | undefined => {
  const parts = node.parts.map((part) => part.name);
  let level = 0;
  for (let at: ExpressionEnv | undefined = env; at !== undefined; at = at.outer) {
    if (resolveColumn(at.scope, parts, node.range) !== undefined) return level;
    level++;
  }
  return undefined;
};

/** The environment `level` queries out. */
export const outerEnv = (env: ExpressionEnv, level: number): ExpressionEnv => {
  let at = env;
  for (let i = 0; i < level; i++) {
    if (at.outer === undefined) throw new QueryError("unsupported", "a name leads outside the statement");
    at = at.outer;
  }
  return at;
};
