import { and, type ColumnId, type Expression, type LogicalScan } from "@headcut/plan";
import type { Estimator } from "../statistics/estimator.ts";
import { expressionCost } from "../statistics/expression-cost.ts";
import { selectivity } from "../statistics/selectivity.ts";
import { freeColumns } from "../traverse/expression.ts";

/** What looking up a code's outcome costs, where a predicate was evaluated for the values of a dictionary. */
const LOOKUP_COST = 1.2;
/** A column of at most this share of different values is taken to be stored by a dictionary. */
const DICTIONARY_SHARE = 0.25;

/**
 * Conjuncts in the order that does the least work: the most rows dropped per unit of cost first. Those of one column are
 * evaluated together, so they stand together.
 */
export const orderFilters = (scan: LogicalScan, estimator: Estimator): readonly Expression[] => {
  if (scan.filters.length < 2) return scan.filters;
  const unfiltered = estimator.estimate({ ...scan, filters: [] });
  const isEncoded = (id: ColumnId): boolean => {
    const column = unfiltered.columns.get(id);
    return column !== undefined && !column.guessed && column.distinct <= unfiltered.rows * DICTIONARY_SHARE;
  };
  const rank = ({ column, conjuncts }: Group): number => {
    const dropped = Math.max(1 - selectivity(and(...conjuncts), unfiltered), 0.001);
    return dropped / (column !== undefined && isEncoded(column) ? LOOKUP_COST : groupCost(conjuncts));
  };
  return sortedBy(byColumn(scan.filters), rank).flatMap(({ column, conjuncts }) =>
    sortedBy(conjuncts, (conjunct) => rank({ column, conjuncts: [conjunct] })),
  );
};

interface Group {
  /** The only column that the conjuncts look at; undefined for one that looks at several, or none. */
  readonly column: ColumnId | undefined;
  readonly conjuncts: readonly Expression[];
}

const byColumn = (filters: readonly Expression[]): readonly Group[] => {
  const groups: Group[] = [];
  for (const filter of filters) {
    const [column, ...others] = freeColumns(filter);
    const only = others.length === 0 ? column : undefined;
    const known = only === undefined ? -1 : groups.findIndex((group) => group.column === only);
    if (known < 0) groups.push({ column: only, conjuncts: [filter] });
    else groups[known] = { column: only, conjuncts: [...groups[known]!.conjuncts, filter] };
  }
  return groups;
};

/** Of several conjuncts, most rows are decided by one. */
const groupCost = (conjuncts: readonly Expression[]): number => {
  const costs = conjuncts.map(expressionCost);
  const most = Math.max(...costs);
  return most + 0.25 * (costs.reduce((sum, item) => sum + item, 0) - most);
};

/** The items of highest rank first, equal ones in the order they are in. */
const sortedBy = <T>(items: readonly T[], rank: (item: T) => number): readonly T[] =>
  items
    .map((item) => ({ item, rank: rank(item) }))
    .sort((a, b) => b.rank - a.rank)
    .map(({ item }) => item);
