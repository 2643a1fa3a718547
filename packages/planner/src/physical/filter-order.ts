import type { Expression, LogicalScan } from "@headcut/plan";
import type { Estimator } from "../statistics/estimator.ts";
import { children } from "../traverse/expression.ts";

/** Relative cost of evaluating an expression for one row; comparing two numbers is 1. */
const cost = (expression: Expression): number => {
  const below = children(expression).reduce((sum, child) => sum + cost(child), 0);
  switch (expression.kind) {
    case "column":
      return expression.type.kind === "varchar" || expression.type.kind === "blob" ? 2 : 0.2;
    case "constant":
      return 0;
    case "like":
      return below + 20;
    case "call":
      return below + 5;
    case "compare":
    case "and":
    case "or":
    case "not":
    case "isNull":
    case "arithmetic":
    case "negate":
    case "case":
    case "cast":
    case "inList":
      return below + 1;
  }
};

/** Conjuncts in the order that does the least work: the most rows dropped per unit of cost first. */
export const orderFilters = (scan: LogicalScan, estimator: Estimator): readonly Expression[] => {
  if (scan.filters.length < 2) return scan.filters;
  const unfiltered: LogicalScan = { ...scan, filters: [] };
  const ranked = scan.filters.map((filter, position) => {
    const dropped = 1 - estimator.selectivity(filter, unfiltered);
    return { filter, position, rank: Math.max(dropped, 0.001) / cost(filter) };
  });
  ranked.sort((a, b) => b.rank - a.rank || a.position - b.position);
  return ranked.map(({ filter }) => filter);
};
