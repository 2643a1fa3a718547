import { columnRef, type LogicalPlan } from "@headcut/plan";
import { inputs, transformPlanUp } from "../traverse/plan.ts";
import type { Rule } from "./rule.ts";

/** A CTE that is read once is put where it is read, one that is never read is dropped. */
export const inlineCtes: Rule = {
  name: "inline-ctes",
  apply: (plan) =>
    transformPlanUp(plan, (node) => {
      if (node.kind !== "with") return node;
      const count = scansOf(node.body, node.cteId);
      if (count > 1) return node;
      return count === 0 ? node.body : putIn(node.body, node.cteId, node.definition);
    }),
};

const scansOf = (plan: LogicalPlan, cteId: number): number => {
  const here = plan.kind === "cteScan" && plan.cteId === cteId ? 1 : 0;
  return inputs(plan).reduce((sum, input) => sum + scansOf(input, cteId), here);
};

const putIn = (body: LogicalPlan, cteId: number, definition: LogicalPlan): LogicalPlan =>
  transformPlanUp(body, (node) => {
    if (node.kind !== "cteScan" || node.cteId !== cteId) return node;
    const projections = node.columns.map(({ source, ...column }) => ({
      id: column.id,
      name: column.name,
      expression: columnRef({ ...column, id: source }),
    }));
    return { kind: "project", input: definition, projections };
  });
