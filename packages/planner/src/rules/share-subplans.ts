import {
  type ColumnId,
  conjuncts,
  type Expression,
  type LogicalCteScan,
  type LogicalPlan,
  type LogicalScan,
  type Table,
} from "@headcut/plan";
import type { Estimator } from "../statistics/estimator.ts";
import { expressionKey, substitute } from "../traverse/expression.ts";
import { columnsOf, inputs, mapInputs } from "../traverse/plan.ts";
import { type IdSource, renumber } from "../traverse/renumber.ts";
import type { Rule } from "./rule.ts";

/** Tables smaller than this are read again sooner than kept. */
const WORTHWHILE_ROWS = 10_000;
/** Only what leaves at most this share of the rows it reads is kept: the rest is better streamed again. */
const WORTHWHILE_SHARE = 0.1;

/**
 * Computes a part of the plan once that occurs several times, alike but for the columns it puts out: filtered scans and
 * joins that make little of much. (Queries repeat themselves in subqueries; the reduction of aggregations copies scans.)
 */
export const shareSubplans: Rule = {
  name: "share-subplans",
  apply: (plan, { ids, estimator }) => {
    let current = plan;
    for (;;) {
      estimator.see(current);
      const twins = findTwins(current, estimator);
      if (twins === undefined) return current;
      current = share(current, twins, ids);
    }
  },
};

/** The largest subplans that say the same, if any do. */
const findTwins = (plan: LogicalPlan, estimator: Estimator): readonly LogicalPlan[] | undefined => {
  const byShape = new Map<string, LogicalPlan[]>();
  /** Files the node under its shape; undefined if it cannot be shared. */
  const visit = (node: LogicalPlan): string | undefined => {
    const below = inputs(node).map(visit);
    if (!isShareable(node) || below.includes(undefined)) return undefined;
    const shape = `${node.kind === "scan" ? node.table.name : node.kind}(${below.join(",")})`;
    const known = byShape.get(shape);
    if (known === undefined) byShape.set(shape, [node]);
    else known.push(node);
    return shape;
  };
  visit(plan);
  const tables = new Map<Table, number>();
  // A shape is first met after all that are part of it.
  for (const group of [...byShape.values()].reverse()) {
    if (group.length < 2) continue;
    const byText = new Map<string, LogicalPlan[]>();
    for (const node of group) {
      if (!isWorthwhile(node, estimator)) continue;
      const text = canonicalText(node, tables);
      const known = byText.get(text);
      if (known === undefined) byText.set(text, [node]);
      else known.push(node);
    }
    const twins = [...byText.values()].find((nodes) => nodes.length > 1);
    if (twins !== undefined) return twins;
  }
  return undefined;
};

type Shareable = Extract<LogicalPlan, { kind: "scan" | "filter" | "join" }>;

/** Operators whose result depends on tables and their own expressions alone. */
const isShareable = (plan: LogicalPlan): plan is Shareable =>
  plan.kind === "scan" || plan.kind === "filter" || (plan.kind === "join" && plan.mark === undefined);

const isWorthwhile = (plan: LogicalPlan, estimator: Estimator): boolean => {
  const read = scansOf(plan).reduce((sum, scan) => sum + scan.table.rowCount, 0);
  return read >= WORTHWHILE_ROWS && estimator.rows(plan) <= read * WORTHWHILE_SHARE;
};

/** The scans of a plan, from left to right. */
const scansOf = (plan: LogicalPlan): readonly LogicalScan[] =>
  plan.kind === "scan" ? [plan] : inputs(plan).flatMap(scansOf);

/** More columns than any table has: tells the columns of one scan from the next one's. */
const SCAN_STRIDE = 1_000_000;

/** The plan as text in which columns are called by their scan's place and their index in its table. */
const canonicalText = (plan: LogicalPlan, tables: Map<Table, number>): string => {
  const names = new Map<ColumnId, Expression>();
  for (const [place, scan] of scansOf(plan).entries()) {
    for (const { id, name, type, nullable, index } of scan.columns) {
      names.set(id, { kind: "column", id: place * SCAN_STRIDE + index, name, type, nullable });
    }
  }
  const keys = (parts: readonly Expression[]): string =>
    parts
      .map((part) => expressionKey(substitute(part, names)))
      .sort()
      .join(";");
  const text = (node: LogicalPlan): string => {
    if (node.kind === "scan") {
      if (!tables.has(node.table)) tables.set(node.table, tables.size);
      return `scan ${tables.get(node.table)} [${keys(node.filters)}]`;
    }
    const below = inputs(node).map(text).join(",");
    if (node.kind === "filter") return `filter (${below}) [${keys(conjuncts(node.predicate))}]`;
    return node.kind === "join" ? `${node.joinKind} (${below}) [${keys(conjuncts(node.condition))}]` : node.kind;
  };
  return text(plan);
};

/** The plan with the twins replaced by scans of one CTE, which puts out the columns that any of them does. */
const share = (plan: LogicalPlan, twins: readonly LogicalPlan[], ids: IdSource): LogicalPlan => {
  const [first, ...others] = twins;
  const scans = [...scansOf(first!)];
  /** Per column of the other twins, the first one's. */
  const same = new Map<ColumnId, ColumnId>();
  for (const twin of others) {
    for (const [place, scan] of scansOf(twin).entries()) {
      for (const column of scan.columns) {
        const target = scans[place]!;
        const known = target.columns.find(({ index }) => index === column.index);
        if (known === undefined) scans[place] = { ...target, columns: [...target.columns, column] };
        else same.set(column.id, known.id);
      }
    }
  }
  const definition = renumber(withScans(first!, scans), ids);
  const cteId = ids.next();
  const reader = (twin: LogicalPlan): LogicalCteScan => ({
    kind: "cteScan",
    cteId,
    name: "shared",
    columns: columnsOf(twin).map(({ id, name, type, nullable }) => ({
      id,
      name,
      type,
      nullable,
      source: definition.ids.get(same.get(id) ?? id)!,
    })),
  });
  const replace = (node: LogicalPlan): LogicalPlan => (twins.includes(node) ? reader(node) : mapInputs(node, replace));
  return { kind: "with", cteId, name: "shared", definition: definition.plan, body: replace(plan) };
};

/** The plan with its scans, from left to right, replaced. */
const withScans = (plan: LogicalPlan, scans: readonly LogicalScan[]): LogicalPlan => {
  let next = 0;
  const replace = (node: LogicalPlan): LogicalPlan =>
    node.kind === "scan" ? scans[next++]! : mapInputs(node, replace);
  return replace(plan);
};
