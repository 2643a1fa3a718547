import {
  and,
  type ColumnId,
  columnRef,
  compare,
  conjuncts,
  type Expression,
  type LogicalAggregate,
  type LogicalJoin,
  type LogicalPlan,
  type Projection,
} from "@headcut/plan";
import type { Estimator } from "../statistics/estimator.ts";
import { expressionKey, refersOnlyTo, refersTo, substitute } from "../traverse/expression.ts";
import { idsOf, mapExpressions, transformPlanUp } from "../traverse/plan.ts";
import type { IdSource } from "../traverse/renumber.ts";
import { strictColumns } from "./null-rejection.ts";
import { comesInParts, splitAggregate } from "./partial-aggregates.ts";
import type { Rule } from "./rule.ts";

/** Inputs of fewer rows are not worth a second aggregation. */
const LEAST_ROWS = 100_000;
/** The aggregation below the join must leave at most this share of its rows, */
const MOST_GROUPS_SHARE = 0.3;
/** and the join must keep at least this share of them: what it drops would have been aggregated in vain. */
const LEAST_KEPT_SHARE = 0.5;
/** So few groups fit the caches, whatever the aggregation above makes of them. */
const FEW_GROUPS = 20_000;
/** More groups must not exceed the final ones by more than this factor, or they cost more than the join's probes. */
const MOST_GROUPS_FACTOR = 2;

/**
 * Aggregates before a join what the join would only repeat: where all arguments are of one side, its rows are grouped by
 * the join's keys first, the join sees one row per key, and the aggregation above puts the parts together (W. Yan, P.
 * Larson, "Eager Aggregation and Lazy Aggregation", VLDB 1995).
 */
export const eagerAggregation: Rule = {
  name: "eager-aggregation",
  apply: (plan, { ids, estimator }) => {
    estimator.see(plan);
    return transformPlanUp(plan, (node) =>
      node.kind === "aggregate" ? (aggregateEarly(node, ids, estimator) ?? node) : node,
    );
  },
};

const aggregateEarly = (node: LogicalAggregate, ids: IdSource, estimator: Estimator): LogicalPlan | undefined => {
  if (node.groups.length === 0 || node.aggregates.length === 0) return undefined;
  if (!node.aggregates.every(({ call }) => comesInParts(call))) return undefined;
  const direct = withoutProjection(node);
  const { input } = direct;
  if (input.kind !== "join") return undefined;
  switch (input.joinKind) {
    case "inner":
      return (
        aggregateSide(direct, input, "left", ids, estimator) ?? aggregateSide(direct, input, "right", ids, estimator)
      );
    case "left":
      return aggregateSide(direct, input, "right", ids, estimator);
    default:
      return undefined;
  }
};

/** The aggregation with the expressions of a projection below it put into its own. */
const withoutProjection = (node: LogicalAggregate): LogicalAggregate => {
  if (node.input.kind !== "project") return node;
  const computed = new Map(node.input.projections.map(({ id, expression }) => [id, expression]));
  const merged = mapExpressions(node, (expression) => substitute(expression, computed)) as LogicalAggregate;
  return { ...merged, input: node.input.input };
};

const aggregateSide = (
  node: LogicalAggregate,
  join: LogicalJoin,
  side: "left" | "right",
  ids: IdSource,
  estimator: Estimator,
): LogicalPlan | undefined => {
  const early = join[side];
  const own = idsOf(early);
  if (!argumentsAllow(node, own, join.joinKind === "left")) return undefined;
  const keys = earlyKeys(ids);
  const condition: Expression[] = [];
  for (const part of conjuncts(join.condition)) {
    const equality = splitEquality(part, own);
    if (equality === undefined) return undefined;
    condition.push(compare(equality.op, keys.refTo(equality.early), equality.late));
  }
  const groups: Projection[] = [];
  for (const group of node.groups) {
    if (!refersTo(group.expression, own)) groups.push(group);
    else if (refersOnlyTo(group.expression, own)) groups.push({ ...group, expression: keys.refTo(group.expression) });
    else return undefined;
  }
  // Groups of this side alone are made by the aggregation itself.
  if (condition.length === 0 || node.groups.every(({ expression }) => refersOnlyTo(expression, own))) return undefined;
  const padsCount = join.joinKind === "left";
  const split = node.aggregates.map((aggregate) =>
    splitAggregate(aggregate, ids, padsCount && aggregate.call.name === "countStar" ? 1n : 0n),
  );
  const parts: LogicalAggregate = {
    kind: "aggregate",
    input: early,
    groups: keys.groups,
    aggregates: split.map(({ part }) => part),
  };
  if (!isWorthwhile(node, join, early, parts, estimator)) return undefined;
  const input: LogicalJoin = { ...join, [side]: parts, condition: and(...condition) };
  const whole: LogicalAggregate = { ...node, groups, input, aggregates: split.map((item) => item.whole) };
  const passed = groups.map(({ id, name, expression: { type, nullable } }) => ({
    id,
    name,
    expression: columnRef({ id, name, type, nullable }),
  }));
  const results = split.map(({ original, result }) => ({ id: original.id, name: original.name, expression: result }));
  return { kind: "project", input: whole, projections: [...passed, ...results] };
};

const isWorthwhile = (
  node: LogicalAggregate,
  join: LogicalJoin,
  early: LogicalPlan,
  parts: LogicalAggregate,
  estimator: Estimator,
): boolean => {
  const rows = estimator.rows(early);
  const groups = estimator.rows(parts);
  if (rows < LEAST_ROWS || groups > rows * MOST_GROUPS_SHARE) return false;
  if (estimator.rows(join) < rows * LEAST_KEPT_SHARE) return false;
  return groups <= FEW_GROUPS || groups <= estimator.rows(node) * MOST_GROUPS_FACTOR;
};

/**
 * Whether the aggregates look at this side alone. Where a join pads it with NULLs, they must ignore such rows: their
 * arguments are NULL then.
 */
const argumentsAllow = (node: LogicalAggregate, own: ReadonlySet<ColumnId>, padded: boolean): boolean =>
  node.aggregates.every(({ call }) => {
    if (call.filter !== undefined && (padded || !refersOnlyTo(call.filter, own))) return false;
    if (!call.args.every((arg) => refersOnlyTo(arg, own))) return false;
    return !padded || call.args.every((arg) => strictColumns(arg).size > 0);
  });

/** An equality between the side that is aggregated early and the other one. */
const splitEquality = (part: Expression, own: ReadonlySet<ColumnId>) => {
  if (part.kind !== "compare" || (part.op !== "eq" && part.op !== "notDistinct")) return undefined;
  const { op, left, right } = part;
  const isEarly = (side: Expression): boolean => refersTo(side, own) && refersOnlyTo(side, own);
  if (isEarly(left) && !refersTo(right, own)) return { op, early: left, late: right } as const;
  if (isEarly(right) && !refersTo(left, own)) return { op, early: right, late: left } as const;
  return undefined;
};

interface EarlyKeys {
  readonly groups: readonly Projection[];
  /** The key that computes the expression, as a column of the aggregation. */
  refTo(expression: Expression): Expression;
}

/** Collects the keys of the aggregation below the join, each expression once. */
const earlyKeys = (ids: IdSource): EarlyKeys => {
  const groups: Projection[] = [];
  const refs = new Map<string, Expression>();
  return {
    groups,
    refTo(expression) {
      const known = refs.get(expressionKey(expression));
      if (known !== undefined) return known;
      const { type, nullable } = expression;
      const [id, name] = expression.kind === "column" ? [expression.id, expression.name] : [ids.next(), "key"];
      groups.push({ id, name, expression });
      const ref = columnRef({ id, name, type, nullable });
      refs.set(expressionKey(expression), ref);
      return ref;
    },
  };
};
