import type { ColumnId, Expression } from "@headcut/plan";
import { readPageIndex } from "./page-index.ts";
import { mayBeTrue } from "./predicate-test.ts";
import type { RowGroupCandidate } from "./row-group-candidate.ts";
import { intersectRanges, joinRanges, rowsIn } from "./row-ranges.ts";
import type { RowRange } from "./scan-plan.ts";

/** A column whose page index pruned nothing in so many row groups is not asked again: its values are scattered. */
const MAX_VAIN_TRIES = 4;

/**
 * Prunes pages by the page index: gives the rows of a row group for which all predicates may be TRUE, or undefined when
 * that is all of them.
 */
export const createPagePruner = (
  predicates: readonly Expression[],
): ((candidate: RowGroupCandidate) => Promise<readonly RowRange[] | undefined>) => {
  const byColumn = new Map<ColumnId, Expression[]>();
  for (const predicate of predicates) {
    const ids = columnsOf(predicate);
    if (ids.size !== 1) continue;
    const [id] = ids as Set<ColumnId> & Iterable<ColumnId>;
    byColumn.set(id!, [...(byColumn.get(id!) ?? []), predicate]);
  }
  const vainTries = new Map<ColumnId, number>();

  return async (candidate) => {
    const { rowCount } = candidate.info.rowGroups[candidate.rowGroup]!;
    let ranges: readonly RowRange[] = [{ start: 0, end: rowCount }];
    for (const [id, own] of byColumn) {
      if ((vainTries.get(id) ?? 0) >= MAX_VAIN_TRIES) continue;
      const allowed = await columnRanges(candidate, id, own);
      if (allowed === undefined) continue;
      if (rowsIn(allowed) === rowCount) vainTries.set(id, (vainTries.get(id) ?? 0) + 1);
      ranges = intersectRanges(ranges, allowed);
    }
    return rowsIn(ranges) === rowCount ? undefined : ranges;
  };
};

const columnRanges = async (
  candidate: RowGroupCandidate,
  id: ColumnId,
  predicates: readonly Expression[],
): Promise<readonly RowRange[] | undefined> => {
  const { info, rowGroup, columns, scanColumns, source } = candidate;
  const column = columns[scanColumns.findIndex((scanColumn) => scanColumn.id === id)];
  const { rowCount, chunks } = info.rowGroups[rowGroup]!;
  if (column?.kind !== "flat") return undefined;
  const chunk = chunks[column.leaf];
  if (chunk?.columnIndexOffset === undefined) return undefined;
  const pages = await readPageIndex(source(), chunk, column, info.typeDefinedOrder?.[column.leaf], rowCount);
  if (pages === undefined) return undefined;
  return joinRanges(
    pages.filter(({ summary }) => predicates.every((predicate) => mayBeTrue(predicate, () => summary))),
  );
};

const columnsOf = (expression: Expression, into = new Set<ColumnId>()): Set<ColumnId> => {
  switch (expression.kind) {
    case "column":
      into.add(expression.id);
      return into;
    case "and":
    case "or":
      for (const arg of expression.args) columnsOf(arg, into);
      return into;
    case "not":
    case "isNull":
    case "cast":
      return columnsOf(expression.arg, into);
    case "compare":
      columnsOf(expression.left, into);
      return columnsOf(expression.right, into);
    case "inList":
      columnsOf(expression.arg, into);
      for (const item of expression.list) columnsOf(item, into);
      return into;
    case "like":
      columnsOf(expression.arg, into);
      return columnsOf(expression.pattern, into);
    default:
      return into;
  }
};
