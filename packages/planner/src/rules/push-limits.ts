import type { LogicalLimit, LogicalPlan } from "@headcut/plan";
import { mapInputs } from "../traverse/plan.ts";
import type { Rule } from "./rule.ts";

/**
 * Moves LIMIT below projections, so that it meets the sort it belongs to; into both inputs of UNION ALL and into the
 * preserved side of a left join, which then need not produce more than that; and makes one LIMIT of two.
 */
export const pushLimits: Rule = { name: "push-limits", apply: (plan) => push(plan) };

const push = (plan: LogicalPlan): LogicalPlan => {
  if (plan.kind !== "limit") return mapInputs(plan, push);
  const { input } = plan;
  if (plan.limit === undefined && plan.offset === 0) return push(input);
  switch (input.kind) {
    case "project":
      return { ...input, input: push({ ...plan, input: input.input }) };
    case "limit":
      return push({ ...combined(plan, input), input: input.input });
    case "setOperation": {
      if (input.op !== "union" || !input.all || plan.limit === undefined) return mapInputs(plan, push);
      const most = plan.limit + plan.offset;
      const left = push(atMost(input.left, most));
      const right = push(atMost(input.right, most));
      if (left === input.left && right === input.right) return plan;
      return { ...plan, input: { ...input, left, right } };
    }
    case "join": {
      if (input.joinKind !== "left" || plan.limit === undefined) return mapInputs(plan, push);
      const left = push(atMost(input.left, plan.limit + plan.offset));
      const right = push(input.right);
      if (left === input.left && right === input.right) return plan;
      return { ...plan, input: { ...input, left, right } };
    }
    default:
      return mapInputs(plan, push);
  }
};

const atMost = (plan: LogicalPlan, limit: number): LogicalPlan => {
  if (plan.kind === "limit" && plan.limit !== undefined && plan.limit <= limit) return plan;
  return { kind: "limit", input: plan, limit, offset: 0 };
};

/** `outer` over `inner`: the inner's rows, of which the outer skips and takes. */
const combined = (
  outer: LogicalLimit,
  inner: LogicalLimit,
): { limit: number | undefined; offset: number; kind: "limit" } => {
  const left = inner.limit === undefined ? undefined : Math.max(0, inner.limit - outer.offset);
  const limit = left === undefined ? outer.limit : outer.limit === undefined ? left : Math.min(left, outer.limit);
  return { kind: "limit", limit, offset: inner.offset + outer.offset };
};
