import type { ColumnId, Expression, LogicalPlan, LogicalProject } from "@headcut/plan";
import { children, mapList, substitute } from "../traverse/expression.ts";
import { columnsOf, mapInputs } from "../traverse/plan.ts";
import type { Rule } from "./rule.ts";

/**
 * Makes one projection of two, unless that would compute something twice, and removes projections that only leave
 * columns out where nobody minds more of them: operators put out no more than what is needed above anyway.
 */
export const mergeProjections: Rule = { name: "merge-projections", apply: (plan) => merge(plan, true) };

/** `positional`: the order and number of the plan's columns matter. */
const merge = (plan: LogicalPlan, positional: boolean): LogicalPlan => {
  switch (plan.kind) {
    case "project": {
      const input = merge(plan.input, false);
      const node = mergedWithInput(input === plan.input ? plan : { ...plan, input });
      return isSuperfluous(node, positional) ? node.input : node;
    }
    case "filter":
    case "sort":
    case "limit":
    case "repeat":
      return mapInputs(plan, (input) => merge(input, positional));
    case "with": {
      const definition = merge(plan.definition, false);
      const body = merge(plan.body, positional);
      return definition === plan.definition && body === plan.body ? plan : { ...plan, definition, body };
    }
    case "setOperation":
      return mapInputs(plan, (input) => merge(input, true));
    case "join": {
      // A left side that gains columns puts them before the right's.
      return mapInputs(plan, (input) => merge(input, positional));
    }
    case "scan":
    case "values":
    case "series":
    case "cteScan":
    case "aggregate":
      return mapInputs(plan, (input) => merge(input, false));
  }
};

const isPassing = (plan: LogicalProject): boolean =>
  plan.projections.every(({ id, expression }) => expression.kind === "column" && expression.id === id);

const isSuperfluous = (plan: LogicalProject, positional: boolean): boolean => {
  if (!isPassing(plan)) return false;
  if (!positional) return true;
  const below = columnsOf(plan.input);
  return below.length === plan.projections.length && below.every((column, i) => column.id === plan.projections[i]!.id);
};

/** Whether computing it again costs about as much as reading it. */
const isTrivial = (expression: Expression): boolean => expression.kind === "column" || expression.kind === "constant";

const mergedWithInput = (plan: LogicalProject): LogicalProject => {
  const { input } = plan;
  if (input.kind !== "project") return plan;
  const uses = new Map<ColumnId, number>();
  const count = (expression: Expression): void => {
    if (expression.kind === "column") uses.set(expression.id, (uses.get(expression.id) ?? 0) + 1);
    for (const child of children(expression)) count(child);
  };
  for (const { expression } of plan.projections) count(expression);
  const once = input.projections.every(({ id, expression }) => isTrivial(expression) || (uses.get(id) ?? 0) <= 1);
  if (!once) return plan;
  const computed = new Map(input.projections.map(({ id, expression }) => [id, expression]));
  const projections = mapList(plan.projections, (projection) => {
    const expression = substitute(projection.expression, computed);
    return expression === projection.expression ? projection : { ...projection, expression };
  });
  return mergedWithInput({ ...plan, input: input.input, projections });
};
