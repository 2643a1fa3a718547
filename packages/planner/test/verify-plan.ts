import type { ColumnId, LogicalPlan } from "@headcut/plan";
import { freeColumns } from "../src/traverse/expression.ts";
import { idsOf, inputs, outerColumns, visitExpressions } from "../src/traverse/plan.ts";

/**
 * Throws unless every column an expression names is there, no id is made twice, and `dependent` marks exactly the joins
 * whose right side refers to the left.
 */
export const verifyPlan = (plan: LogicalPlan): void => {
  const made = new Set<ColumnId>();
  const make = (id: ColumnId): void => {
    if (made.has(id)) throw new Error(`column #${id} is made twice`);
    made.add(id);
  };
  verify(plan, new Set(), make);
};

const verify = (plan: LogicalPlan, outer: ReadonlySet<ColumnId>, make: (id: ColumnId) => void): void => {
  const below = new Set(inputs(plan).flatMap((input) => [...idsOf(input)]));
  for (const id of madeBy(plan, below)) make(id);
  const own = plan.kind === "scan" ? idsOf(plan) : new Set<ColumnId>();
  visitExpressions(plan, (expression) => {
    for (const id of freeColumns(expression)) {
      if (!below.has(id) && !outer.has(id) && !own.has(id))
        throw new Error(`${plan.kind} refers to #${id}, which is not there`);
    }
  });
  if (plan.kind !== "join") {
    for (const input of inputs(plan)) verify(input, outer, make);
    return;
  }
  const left = idsOf(plan.left);
  const dependent = [...outerColumns(plan.right)].some((id) => left.has(id));
  if (dependent !== plan.dependent)
    throw new Error(`a join is marked dependent: ${plan.dependent}, and is ${dependent}`);
  verify(plan.left, outer, make);
  verify(plan.right, dependent ? new Set([...outer, ...left]) : outer, make);
};

/** The columns that come into being at a node: those it passes on under their ids do not. */
const madeBy = (plan: LogicalPlan, below: ReadonlySet<ColumnId>): readonly ColumnId[] => {
  switch (plan.kind) {
    case "scan":
    case "values":
    case "setOperation":
    case "cteScan":
      return plan.columns.map(({ id }) => id);
    case "project":
      return fresh(plan.projections, below);
    case "aggregate":
      return [...fresh(plan.groups, below), ...plan.aggregates.map(({ id }) => id)];
    case "join":
      return plan.mark === undefined ? [] : [plan.mark.id];
    default:
      return [];
  }
};

const fresh = (
  columns: Extract<LogicalPlan, { kind: "project" }>["projections"],
  below: ReadonlySet<ColumnId>,
): readonly ColumnId[] =>
  columns
    .filter(({ id, expression }) => !(expression.kind === "column" && expression.id === id && below.has(id)))
    .map(({ id }) => id);
