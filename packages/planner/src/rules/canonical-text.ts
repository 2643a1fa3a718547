import {
  type ColumnId,
  conjuncts,
  type Expression,
  type LogicalPlan,
  type LogicalScan,
  type Table,
} from "@headcut/plan";
import { expressionKey, substitute } from "../traverse/expression.ts";
import { inputs } from "../traverse/plan.ts";

/** Numbers tables, so that texts can name them whatever they are called. */
export type TableNumbers = Map<Table, number>;

/** The scans of a plan, from left to right. */
export const scansOf = (plan: LogicalPlan): readonly LogicalScan[] =>
  plan.kind === "scan" ? [plan] : inputs(plan).flatMap(scansOf);

/** More columns than any table has: tells the columns of one scan from the next one's. */
const SCAN_STRIDE = 1_000_000;

/** Per column of the plan's scans, a reference that depends on its scan's place and its index in the table alone. */
const canonicalColumns = (plan: LogicalPlan): ReadonlyMap<ColumnId, Expression> => {
  const names = new Map<ColumnId, Expression>();
  for (const [place, scan] of scansOf(plan).entries()) {
    for (const { id, name, type, nullable, index } of scan.columns) {
      names.set(id, { kind: "column", id: place * SCAN_STRIDE + index, name, type, nullable });
    }
  }
  return names;
};

/**
 * A plan of scans, filters and joins as text in which columns are called by their scan's place and their index in its
 * table: two plans of one text have the same rows, but for the columns they put out.
 */
export const canonicalText = (plan: LogicalPlan, tables: TableNumbers): string => {
  const names = canonicalColumns(plan);
  const keys = (parts: readonly Expression[]): string =>
    parts
      .map((part) => expressionKey(substitute(part, names)))
      .sort()
      .join(";");
  const text = (node: LogicalPlan): string => {
    if (node.kind === "scan") return `scan ${tableNumber(node.table, tables)} [${keys(node.filters)}]`;
    const below = inputs(node).map(text).join(",");
    if (node.kind === "filter") return `filter (${below}) [${keys(conjuncts(node.predicate))}]`;
    return node.kind === "join" ? `${node.joinKind} (${below}) [${keys(conjuncts(node.condition))}]` : node.kind;
  };
  return text(plan);
};

/** The filters of a scan, each under its text. */
export const canonicalFilters = (scan: LogicalScan): ReadonlyMap<string, Expression> => {
  const names = canonicalColumns(scan);
  return new Map(scan.filters.map((filter) => [expressionKey(substitute(filter, names)), filter]));
};

const tableNumber = (table: Table, tables: TableNumbers): number => {
  const known = tables.get(table);
  if (known !== undefined) return known;
  tables.set(table, tables.size);
  return tables.size - 1;
};
