import { assert, type LogicalPlan } from "@headcut/plan";
import { printLogicalPlan } from "./print/print-logical.ts";
import type { Rule, RuleContext } from "./rules/rule.ts";
import { ruleList } from "./rules/rule-list.ts";
import { findFault } from "./rules/verify.ts";
import { createEstimator } from "./statistics/estimator.ts";
import { columnsOf } from "./traverse/plan.ts";
import type { IdSource } from "./traverse/renumber.ts";

/** A rule that changed the plan, and the plan it made. */
export interface RuleStep {
  readonly rule: string;
  readonly plan: LogicalPlan;
}

export interface Optimized {
  readonly plan: LogicalPlan;
  /** The rules that changed the plan, in the order they ran. */
  readonly steps: readonly RuleStep[];
  readonly context: RuleContext;
}

/**
 * Runs the rules over a bound plan, each once where the list names it. After each that changed something the plan is
 * verified; a rule that broke it is named in the error, which is a bug of ours.
 */
export const optimize = (plan: LogicalPlan, ids: IdSource, rules: readonly Rule[] = ruleList): Optimized => {
  const context: RuleContext = { ids, estimator: createEstimator() };
  const output = columnsOf(plan);
  const steps: RuleStep[] = [];
  let current = plan;
  for (const rule of rules) {
    const next = rule.apply(current, context);
    if (next === current) continue;
    const fault = findFault(next, output);
    if (fault !== undefined) assert(false, `rule ${rule.name} broke the plan: ${fault}\n${safePrint(next)}`);
    steps.push({ rule: rule.name, plan: next });
    current = next;
  }
  return { plan: current, steps, context };
};

/** Printing a broken plan may fail as well; then the fault alone has to do. */
const safePrint = (plan: LogicalPlan): string => {
  try {
    return printLogicalPlan(plan);
  } catch (error) {
    return `(the plan does not print: ${String(error)})`;
  }
};
