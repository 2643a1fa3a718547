import type { Expression, LogicalPlan } from "@headcut/plan";
import { inputs } from "../traverse/plan.ts";
import { estimatePlan } from "./estimate-plan.ts";
import { type RowsEstimate, selectivity } from "./selectivity.ts";

/** Guesses sizes of plans; nothing it says is ever relied on for a right answer. Remembers what it has seen. */
export interface Estimator {
  /** Rows and columns a plan is expected to produce. Its CTEs must have been seen (`see`). */
  estimate(plan: LogicalPlan): RowsEstimate;
  rows(plan: LogicalPlan): number;
  /** The share of the plan's rows for which the predicate is TRUE. */
  selectivity(predicate: Expression, plan: LogicalPlan): number;
  /** Makes the CTEs of a whole query known, so that parts of it can be estimated. */
  see(root: LogicalPlan): void;
}

export const createEstimator = (): Estimator => {
  const memo = new WeakMap<LogicalPlan, RowsEstimate>();
  const ctes = new Map<number, LogicalPlan>();
  const estimator: Estimator = {
    estimate(plan) {
      const known = memo.get(plan);
      if (known !== undefined) return known;
      if (plan.kind === "with") ctes.set(plan.cteId, plan.definition);
      const made = estimatePlan(plan, estimator.estimate, (cteId) => {
        const definition = ctes.get(cteId);
        return definition === undefined ? undefined : estimator.estimate(definition);
      });
      memo.set(plan, made);
      return made;
    },
    rows: (plan) => estimator.estimate(plan).rows,
    selectivity: (predicate, plan) => selectivity(predicate, estimator.estimate(plan)),
    see(root) {
      if (root.kind === "with") ctes.set(root.cteId, root.definition);
      for (const input of inputs(root)) estimator.see(input);
    },
  };
  return estimator;
};
