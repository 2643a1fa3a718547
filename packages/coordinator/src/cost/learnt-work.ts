import type { PhysicalPlan } from "@headcut/plan";

/** What plans really took of the work that the model expects of them. By the plan object: that of a statement that is repeated comes again. */
const factors = new WeakMap<PhysicalPlan, number>();

/** So much of what was known goes into what is learnt from a run that took longer: it may have been cold, or had to wait for a processor. */
const INERTIA = 0.75;

/** 1 for a plan that has not run. */
export const workFactor = (plan: PhysicalPlan): number => factors.get(plan) ?? 1;

/** Of a run: milliseconds of work of all threads, and what the model says they should have been. */
export const learnWork = (plan: PhysicalPlan, busyMs: number, modelMs: number): void => {
  if (!(busyMs > 0 && modelMs > 0)) return;
  const factor = busyMs / modelMs;
  const known = factors.get(plan);
  factors.set(plan, known === undefined || factor < known ? factor : known * INERTIA + factor * (1 - INERTIA));
};
