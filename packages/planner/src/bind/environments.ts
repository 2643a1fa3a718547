import type { Expression } from "@headcut/plan";
import type * as tree from "../syntax/tree.ts";
import type { ExpressionEnv, QueryEnv } from "./bind-context.ts";
import { emptyScope, type Scope } from "./scope.ts";

const NOTHING_KNOWN: ReadonlyMap<tree.Expression, Expression> = new Map();

/** The surroundings of an expression in a clause, without aggregates and aliases. Its subqueries' joins are its own. */
export const clauseEnv = (env: QueryEnv, scope: Scope, clause: string): ExpressionEnv => ({
  state: env.state,
  ctes: env.ctes,
  outer: env.outer,
  scope,
  clause,
  joins: [],
  aggregates: undefined,
  alias: undefined,
  known: NOTHING_KNOWN,
  lazy: false,
});

/** The surroundings of an expression that sees no columns but those of enclosing queries. */
export const columnlessEnv = (env: QueryEnv, clause: string): ExpressionEnv => clauseEnv(env, emptyScope, clause);
