import type { PhysicalPlan } from "@headcut/plan";

/** The operator with `f` applied to its direct inputs; the same object when none changed. */
export const mapInputs = (plan: PhysicalPlan, f: (input: PhysicalPlan) => PhysicalPlan): PhysicalPlan => {
  switch (plan.kind) {
    case "scan":
    case "values":
    case "series":
    case "cteScan":
      return plan;
    case "filter":
    case "project":
    case "aggregate":
    case "sort":
    case "topN":
    case "limit":
    case "repeat": {
      const input = f(plan.input);
      return input === plan.input ? plan : { ...plan, input };
    }
    case "hashJoin": {
      const probe = f(plan.probe);
      const build = f(plan.build);
      return probe === plan.probe && build === plan.build ? plan : { ...plan, probe, build };
    }
    case "unionAll": {
      const inputs = plan.inputs.map(f);
      return inputs.every((input, i) => input === plan.inputs[i]) ? plan : { ...plan, inputs };
    }
    case "with": {
      const definition = f(plan.definition);
      const body = f(plan.body);
      return definition === plan.definition && body === plan.body ? plan : { ...plan, definition, body };
    }
  }
};
