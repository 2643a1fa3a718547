import type { PhysicalPlan } from "@headcut/plan";
import type { CompiledQuery } from "./compiled-pipeline.ts";

type Compile = (plan: PhysicalPlan, names: readonly string[]) => CompiledQuery;

/**
 * `compile`, done once for each plan object: a plan that is executed again, as those of repeated and prepared statements are, costs
 * no code generation. What was made is kept as long as its plan. Plans are never changed in place.
 */
export const rememberCompiled = (compile: Compile): Compile => {
  const known = new WeakMap<PhysicalPlan, { readonly names: readonly string[]; readonly compiled: CompiledQuery }>();
  return (plan, names) => {
    const found = known.get(plan);
    if (found !== undefined && sameNames(found.names, names)) return found.compiled;
    const compiled = compile(plan, names);
    known.set(plan, { names, compiled });
    return compiled;
  };
};

const sameNames = (a: readonly string[], b: readonly string[]): boolean =>
  a === b || (a.length === b.length && a.every((name, i) => name === b[i]));
