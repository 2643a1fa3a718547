import { fold } from "../fold/fold.ts";
import { mapAllExpressions } from "../traverse/plan.ts";
import type { Rule } from "./rule.ts";

/** Computes constant parts of expressions and simplifies their logic. */
export const foldConstants: Rule = {
  name: "fold-constants",
  apply: (plan) => mapAllExpressions(plan, fold),
};
