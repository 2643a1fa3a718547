import {
  and,
  type ColumnId,
  conjuncts,
  type Expression,
  type LogicalJoin,
  type LogicalPlan,
  sameType,
} from "@headcut/plan";
import { expressionKey, freeColumns, substitute } from "../traverse/expression.ts";
import { idsOf, mapInputs } from "../traverse/plan.ts";
import type { Rule } from "./rule.ts";

/**
 * Carries comparisons with constants across equality joins: of `a = b AND a > 5` follows `b > 5`. Only where the other
 * side's rows that fail it could not have had a match anyway.
 */
export const derivePredicates: Rule = { name: "derive-predicates", apply: (plan) => derive(plan).plan };

/** Predicates over one column and constants that hold for every row of a plan, by column. */
type Facts = ReadonlyMap<ColumnId, readonly Expression[]>;

interface Derived {
  readonly plan: LogicalPlan;
  readonly facts: Facts;
}

const NO_FACTS: Facts = new Map();

const derive = (plan: LogicalPlan): Derived => {
  switch (plan.kind) {
    case "scan":
      return { plan, facts: factsOf(plan.filters) };
    case "filter": {
      const input = derive(plan.input);
      const facts = merged(input.facts, factsOf(conjuncts(plan.predicate)));
      return { plan: input.plan === plan.input ? plan : { ...plan, input: input.plan }, facts };
    }
    case "sort":
    case "limit": {
      const input = derive(plan.input);
      return { plan: input.plan === plan.input ? plan : { ...plan, input: input.plan }, facts: input.facts };
    }
    case "project":
    case "aggregate": {
      const input = derive(plan.input);
      const passed = plan.kind === "project" ? plan.projections : plan.groups;
      const facts = new Map<ColumnId, readonly Expression[]>();
      for (const { id, expression } of passed) {
        const known = expression.kind === "column" ? input.facts.get(expression.id) : undefined;
        if (known === undefined || expression.kind !== "column") continue;
        const renamed = new Map([[expression.id, { ...expression, id } as Expression]]);
        facts.set(
          id,
          known.map((fact) => substitute(fact, renamed)),
        );
      }
      return { plan: input.plan === plan.input ? plan : { ...plan, input: input.plan }, facts };
    }
    case "join":
      return deriveJoin(plan);
    case "values":
    case "series":
    case "setOperation":
    case "with":
    case "cteScan":
    case "repeat":
      return { plan: mapInputs(plan, (input) => derive(input).plan), facts: NO_FACTS };
  }
};

/** Whether a predicate is simple enough to be worth repeating, and about one column alone. */
const isFact = (predicate: Expression): boolean => {
  if (freeColumns(predicate).size !== 1) return false;
  if (predicate.kind === "compare") {
    const sides = [predicate.left.kind, predicate.right.kind];
    return (
      predicate.op !== "notDistinct" &&
      predicate.op !== "distinct" &&
      sides.includes("column") &&
      sides.includes("constant")
    );
  }
  return (
    predicate.kind === "inList" &&
    predicate.arg.kind === "column" &&
    predicate.list.every((item) => item.kind === "constant")
  );
};

const factsOf = (predicates: readonly Expression[]): Facts => {
  const facts = new Map<ColumnId, Expression[]>();
  for (const predicate of predicates) {
    if (!isFact(predicate)) continue;
    const [id] = freeColumns(predicate);
    const list = facts.get(id!);
    if (list === undefined) facts.set(id!, [predicate]);
    else list.push(predicate);
  }
  return facts;
};

const merged = (a: Facts, b: Facts): Facts => {
  if (b.size === 0) return a;
  const all = new Map(a);
  for (const [id, list] of b) all.set(id, [...(all.get(id) ?? []), ...list]);
  return all;
};

interface Directions {
  readonly leftToRight: boolean;
  readonly rightToLeft: boolean;
}

const directions = ({ joinKind }: LogicalJoin): Directions => {
  switch (joinKind) {
    case "inner":
    case "semi":
      return { leftToRight: true, rightToLeft: true };
    case "left":
    case "anti":
    case "single":
      return { leftToRight: true, rightToLeft: false };
    case "right":
      return { leftToRight: false, rightToLeft: true };
    // A mark would turn from NULL to FALSE; a full join preserves both sides.
    case "mark":
    case "full":
      return { leftToRight: false, rightToLeft: false };
  }
};

const deriveJoin = (plan: LogicalJoin): Derived => {
  const left = derive(plan.left);
  const right = derive(plan.right);
  const { leftToRight, rightToLeft } = directions(plan);
  const on = conjuncts(plan.condition);
  const inner = plan.joinKind === "inner";
  const ofCondition = inner || plan.joinKind === "semi" ? factsOf(on) : NO_FACTS;
  const leftFacts = merged(left.facts, only(ofCondition, plan.left));
  const rightFacts = merged(right.facts, only(ofCondition, plan.right));
  const forLeft: Expression[] = [];
  const forRight: Expression[] = [];
  for (const part of on) {
    if (part.kind !== "compare" || part.op !== "eq" || part.left.kind !== "column" || part.right.kind !== "column")
      continue;
    if (!sameType(part.left.type, part.right.type)) continue;
    const [a, b] = idsOf(plan.left).has(part.left.id) ? [part.left, part.right] : [part.right, part.left];
    if (!idsOf(plan.left).has(a.id) || !idsOf(plan.right).has(b.id)) continue;
    if (leftToRight) forRight.push(...missing(leftFacts.get(a.id), a.id, b, rightFacts.get(b.id)));
    if (rightToLeft) forLeft.push(...missing(rightFacts.get(b.id), b.id, a, leftFacts.get(a.id)));
  }
  const unchanged = left.plan === plan.left && right.plan === plan.right && forLeft.length + forRight.length === 0;
  const joined: LogicalPlan = unchanged
    ? plan
    : { ...plan, left: filtered(left.plan, forLeft), right: filtered(right.plan, forRight) };
  const ofLeft = merged(leftFacts, factsOf(forLeft));
  const ofRight = merged(rightFacts, factsOf(forRight));
  if (inner) return { plan: joined, facts: merged(ofLeft, ofRight) };
  if (plan.joinKind === "right") return { plan: joined, facts: ofRight };
  return { plan: joined, facts: plan.joinKind === "full" ? NO_FACTS : ofLeft };
};

const only = (facts: Facts, plan: LogicalPlan): Facts => {
  if (facts.size === 0) return facts;
  const ids = idsOf(plan);
  return new Map([...facts].filter(([id]) => ids.has(id)));
};

/** The facts about column `from`, said of `to`, that are not known of it yet. */
const missing = (
  facts: readonly Expression[] | undefined,
  from: ColumnId,
  to: Extract<Expression, { kind: "column" }>,
  known: readonly Expression[] | undefined,
): readonly Expression[] => {
  if (facts === undefined) return [];
  const keys = new Set((known ?? []).map(expressionKey));
  const said = facts.map((fact) => substitute(fact, new Map([[from, to as Expression]])));
  return said.filter((fact) => !keys.has(expressionKey(fact)));
};

const filtered = (plan: LogicalPlan, predicates: readonly Expression[]): LogicalPlan =>
  predicates.length === 0 ? plan : { kind: "filter", input: plan, predicate: and(...predicates) };
