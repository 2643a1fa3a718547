import type { Comparison } from "../results/compare-results.ts";
import { type Column, formatMs, formatRatio, layOut, titles } from "./lay-out.ts";

/** Before, after and after/before of each query, and the geometric mean of the ratios. */
export const comparisonTable = ({ queries, geomeanRatio, unmatched, differences }: Comparison): string => {
  const columns: Column[] = [
    { title: "query", width: Math.max(7, ...queries.map(({ name }) => name.length)) },
    { title: "before ms", width: 9 },
    { title: "after ms", width: 9 },
    { title: "after/before", width: 12 },
  ];
  return [
    ...differences.map((difference) => `not the same: ${difference}`),
    titles(columns),
    ...queries.map(({ name, beforeMs, afterMs, ratio }) =>
      layOut(columns, [name, formatMs(beforeMs), formatMs(afterMs), formatRatio(ratio)]),
    ),
    layOut(columns, ["geomean", "", "", formatRatio(geomeanRatio)]),
    ...(unmatched.length === 0 ? [] : [`in one result only: ${unmatched.join(", ")}`]),
  ].join("\n");
};
