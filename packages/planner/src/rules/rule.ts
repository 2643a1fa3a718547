import type { LogicalPlan } from "@headcut/plan";
import type { Estimator } from "../statistics/estimator.ts";
import type { IdSource } from "../traverse/renumber.ts";

/** What a rule may draw on besides the plan. */
export interface RuleContext {
  readonly ids: IdSource;
  readonly estimator: Estimator;
}

/**
 * A rewriting of logical plans that keeps their meaning. It returns the very same object when it has nothing to do, so
 * that the driver can tell which rules changed the plan.
 */
export interface Rule {
  /** As EXPLAIN shows it: the file's name. */
  readonly name: string;
  apply(plan: LogicalPlan, context: RuleContext): LogicalPlan;
}
