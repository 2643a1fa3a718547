import type { LogicalPlan } from "@headcut/plan";
import { mapInputs } from "../traverse/plan.ts";
import type { Rule } from "./rule.ts";

/** Removes sorts whose order is lost again above them: below joins, aggregations, set operations and other sorts. */
export const removeSorts: Rule = { name: "remove-sorts", apply: (plan) => remove(plan, true) };

/** Aggregates whose result depends on the order in which rows come. */
const ORDERED: ReadonlySet<string> = new Set(["first", "anyValue", "stringAgg"]);

const remove = (plan: LogicalPlan, ordered: boolean): LogicalPlan => {
  switch (plan.kind) {
    case "sort": {
      if (!ordered) return remove(plan.input, false);
      return mapInputs(plan, (input) => remove(input, false));
    }
    case "limit":
      // Which rows it keeps is a matter of their order.
      return mapInputs(plan, (input) => remove(input, true));
    case "filter":
    case "project":
    case "repeat":
      return mapInputs(plan, (input) => remove(input, ordered));
    case "with": {
      const definition = remove(plan.definition, false);
      const body = remove(plan.body, ordered);
      return definition === plan.definition && body === plan.body ? plan : { ...plan, definition, body };
    }
    case "aggregate": {
      const matters = plan.aggregates.some(({ call }) => ORDERED.has(call.name) && call.orderBy.length === 0);
      return mapInputs(plan, (input) => remove(input, matters));
    }
    case "join":
    case "setOperation":
    case "scan":
    case "values":
    case "series":
    case "cteScan":
      return mapInputs(plan, (input) => remove(input, false));
  }
};
