import { type LogicalPlan, outputColumns } from "@headcut/plan";
import type * as tree from "../syntax/tree.ts";
import { outerColumns } from "../traverse/plan.ts";
import type { CteBinding, QueryEnv } from "./bind-context.ts";
import { cteNames } from "./bind-from.ts";

/** The common tables of WITH in scope of a query, and what they add to its plan. */
export interface CommonTables {
  readonly env: QueryEnv;
  /** Puts the definitions that are computed once above the query's plan. */
  readonly wrap: (plan: LogicalPlan) => LogicalPlan;
}

interface Shared {
  readonly cteId: number;
  readonly name: string;
  readonly definition: LogicalPlan;
}

/**
 * A common table that is used once, or NOT MATERIALIZED, is bound where it is used; others are computed once. One that
 * refers to an enclosing query is always bound anew, since it has another value for each of that query's rows.
 */
export const bindCommonTables = (nodes: readonly tree.CommonTable[], env: QueryEnv): CommonTables => {
  const shared: Shared[] = [];
  let inner = env;
  for (const node of nodes) {
    const binding = bindCommonTable(node, inner, shared);
    inner = { ...inner, ctes: [binding, ...inner.ctes] };
  }
  const wrap = (plan: LogicalPlan): LogicalPlan =>
    shared.reduceRight<LogicalPlan>((body, { cteId, name, definition }) => {
      return { kind: "with", cteId, name, definition, body };
    }, plan);
  return { env: inner, wrap };
};

const bindCommonTable = (node: tree.CommonTable, env: QueryEnv, shared: Shared[]): CteBinding => {
  const name = node.name.name.toLowerCase();
  const inline: CteBinding = { node, name, use: { kind: "inline", env } };
  const uses = env.state.cteUses.get(node) ?? 0;
  const once = uses === 1 && node.materialized !== true;
  if (once || node.materialized === false) return inline;
  const query = env.state.bindQuery(node.query, env);
  const names = cteNames(node, query.names);
  // Nobody asks for it: binding has checked it, and that is all.
  if (uses === 0 || outerColumns(query.plan).size > 0) return inline;
  const cteId = env.state.ids.next();
  shared.push({ cteId, name: node.name.name, definition: query.plan });
  const columns = outputColumns(query.plan).map((column, i) => ({ ...column, name: names[i]! }));
  return { node, name, use: { kind: "shared", cteId, columns } };
};
