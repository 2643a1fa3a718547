import type { LogicalPlan, PhysicalPlan } from "@headcut/plan";
import { optimize, type RuleStep } from "./optimize.ts";
import { toPhysical } from "./physical/to-physical.ts";
import { printLogicalPlan } from "./print/print-logical.ts";
import { printPhysicalPlan } from "./print/print-physical.ts";
import type { IdSource } from "./traverse/renumber.ts";

/** How a query came to its physical plan. */
export interface PlanTrace {
  /** As bound. */
  readonly logical: LogicalPlan;
  /** The rules that changed it. */
  readonly steps: readonly RuleStep[];
  readonly optimized: LogicalPlan;
  readonly physical: PhysicalPlan;
}

export interface PlannedQuery {
  readonly physical: PhysicalPlan;
  /** The result's column names, one per column of `physical`. */
  readonly names: readonly string[];
  readonly trace: PlanTrace;
}

/**
 * Optimizes a bound plan and chooses its operators. `ids` must continue after every id of the plan (`bind` hands its
 * own on). Throws a QueryError for what cannot be planned.
 */
export const planQuery = (plan: LogicalPlan, names: readonly string[], ids: IdSource): PlannedQuery => {
  const { plan: optimized, steps, context } = optimize(plan, ids);
  const physical = toPhysical(optimized, context.estimator);
  return { physical, names, trace: { logical: plan, steps, optimized, physical } };
};

/** EXPLAIN's text: the bound plan, the plan after each rule that changed it (by name alone unless `verbose`), the result. */
export const explainText = (trace: PlanTrace, verbose = false): string => {
  const rules = verbose
    ? trace.steps.map(({ rule, plan }) => `after ${rule}:\n${indented(printLogicalPlan(plan))}`)
    : [`rules: ${trace.steps.map(({ rule }) => rule).join(", ") || "none"}`];
  return [
    `logical plan:\n${indented(printLogicalPlan(trace.logical))}`,
    ...rules,
    `physical plan:\n${indented(printPhysicalPlan(trace.physical))}`,
  ].join("\n\n");
};

const indented = (text: string): string => text.replace(/^/gm, "  ");
