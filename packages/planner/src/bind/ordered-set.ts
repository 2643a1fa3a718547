import { QueryError } from "@headcut/plan";
import { ORDERED_SET_FUNCTIONS } from "../functions/aggregates.ts";
import type * as tree from "../syntax/tree.ts";

const isHalf = (node: tree.Expression | undefined): boolean => node?.kind === "number" && Number(node.text) === 0.5;

/**
 * `quantile_cont(x, 0.5)` and `percentile_cont(0.5) WITHIN GROUP (ORDER BY x)` as `median(x)`; other calls as they are.
 */
export const orderedSetCall = (node: tree.Call): tree.Call => {
  const name = node.name.name.toLowerCase();
  if (!ORDERED_SET_FUNCTIONS.has(name)) {
    if (node.withinGroup.length === 0) return node;
    throw new QueryError("unsupported", `${name} does not take WITHIN GROUP`, { range: node.range });
  }
  const ordered = node.withinGroup[0];
  const value =
    name === "quantile_cont" ? node.args[0] : ordered?.kind === "orderExpression" ? ordered.expression : undefined;
  const fraction = name === "quantile_cont" ? node.args[1] : node.args[0];
  if (value === undefined || !isHalf(fraction)) {
    throw new QueryError("unsupported", `${name} is supported for 0.5 alone`, { range: node.range });
  }
  return { ...node, name: { ...node.name, name: "median" }, args: [value], withinGroup: [] };
};
