import { and, type ColumnId, conjuncts, type Expression, type LogicalPlan, or } from "@headcut/plan";
import { expressionKey, freeColumns } from "../traverse/expression.ts";
import { inputs, transformPlanUp } from "../traverse/plan.ts";
import type { Rule } from "./rule.ts";

/**
 * From a disjunction over several tables, derives for each table what it alone must satisfy: of
 * `(n1 = 'A' AND n2 = 'B') OR (n1 = 'B' AND n2 = 'A')` follows `n1 = 'A' OR n1 = 'B'`. The whole stays where it is; the
 * derived predicates can go into the scans.
 */
export const splitDisjunctions: Rule = {
  name: "split-disjunctions",
  apply: (plan) => {
    const tables = new Map<ColumnId, LogicalPlan>();
    collectTables(plan, tables);
    return transformPlanUp(plan, (node) => {
      if (node.kind === "filter") {
        const derived = withDerived(node.predicate, tables);
        return derived === node.predicate ? node : { ...node, predicate: derived };
      }
      if (node.kind === "join" && node.joinKind === "inner") {
        const derived = withDerived(node.condition, tables);
        return derived === node.condition ? node : { ...node, condition: derived };
      }
      return node;
    });
  },
};

const collectTables = (plan: LogicalPlan, tables: Map<ColumnId, LogicalPlan>): void => {
  if (plan.kind === "scan") for (const column of plan.columns) tables.set(column.id, plan);
  for (const input of inputs(plan)) collectTables(input, tables);
};

const withDerived = (predicate: Expression, tables: ReadonlyMap<ColumnId, LogicalPlan>): Expression => {
  const parts = conjuncts(predicate);
  const present = new Set(parts.map(expressionKey));
  const derived = parts.flatMap((part) => perTable(part, tables)).filter((part) => !present.has(expressionKey(part)));
  return derived.length === 0 ? predicate : and(...parts, ...derived);
};

/** The table all of the expression's columns are of; undefined if they are of several, or of none. */
const tableOf = (expression: Expression, tables: ReadonlyMap<ColumnId, LogicalPlan>): LogicalPlan | undefined => {
  let found: LogicalPlan | undefined;
  for (const id of freeColumns(expression)) {
    const table = tables.get(id);
    if (table === undefined || (found !== undefined && found !== table)) return undefined;
    found = table;
  }
  return found;
};

const perTable = (part: Expression, tables: ReadonlyMap<ColumnId, LogicalPlan>): readonly Expression[] => {
  if (part.kind !== "or" || tableOf(part, tables) !== undefined) return [];
  const branches = part.args.map((arg) => {
    const byTable = new Map<LogicalPlan, Expression[]>();
    for (const conjunct of conjuncts(arg)) {
      const table = tableOf(conjunct, tables);
      if (table === undefined) continue;
      const list = byTable.get(table);
      if (list === undefined) byTable.set(table, [conjunct]);
      else list.push(conjunct);
    }
    return byTable;
  });
  return [...branches[0]!.keys()]
    .filter((table) => branches.every((branch) => branch.has(table)))
    .map((table) => or(...branches.map((branch) => and(...branch.get(table)!))));
};
