import { type AggregateCall, type AggregateColumn, conjuncts } from "@headcut/plan";
import { mapList } from "../traverse/expression.ts";
import { transformPlanUp } from "../traverse/plan.ts";
import type { Rule } from "./rule.ts";

/** Aggregates for which a value more or less of the same makes no difference. */
const BLIND_TO_DUPLICATES: ReadonlySet<string> = new Set(["min", "max", "boolAnd", "boolOr", "anyValue", "first"]);

/** `count(x)` of a column without NULLs counts rows; DISTINCT is dropped where it changes nothing; so is FILTER TRUE. */
export const simplifyAggregates: Rule = {
  name: "simplify-aggregates",
  apply: (plan) =>
    transformPlanUp(plan, (node) => {
      if (node.kind !== "aggregate") return node;
      const aggregates = mapList(node.aggregates, (column): AggregateColumn => {
        const call = simplified(column.call);
        return call === column.call ? column : { ...column, call };
      });
      return aggregates === node.aggregates ? node : { ...node, aggregates };
    }),
};

const simplified = (call: AggregateCall): AggregateCall => {
  if (call.filter !== undefined && conjuncts(call.filter).length === 0)
    return simplified({ ...call, filter: undefined });
  if (call.distinct && BLIND_TO_DUPLICATES.has(call.name)) return { ...call, distinct: false };
  if (call.name === "count" && !call.distinct && !call.args[0]!.nullable)
    return { ...call, name: "countStar", args: [] };
  return call;
};
