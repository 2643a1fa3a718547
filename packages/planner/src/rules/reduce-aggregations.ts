import {
  type ColumnId,
  type ColumnRef,
  columnRef,
  compare,
  conjuncts,
  type Expression,
  type LogicalAggregate,
  type LogicalJoin,
  type LogicalPlan,
  type LogicalScan,
  sameType,
} from "@headcut/plan";
import { collectRegion, type Region } from "../join-order/region.ts";
import type { Estimator } from "../statistics/estimator.ts";
import { columnsOf, idsOf, mapInputs } from "../traverse/plan.ts";
import { type IdSource, renumber } from "../traverse/renumber.ts";
import { orderJoinsIn } from "./order-joins.ts";
import type { Rule } from "./rule.ts";

/** A reduction must leave less than this share of the groups, or it costs more than it saves. */
const WORTHWHILE_SHARE = 0.25;

/**
 * Where groups are joined with a well filtered table, only the groups of its keys are needed: a semi join with a copy of
 * that scan below the aggregation keeps the others from being made. (After unnesting, a correlated aggregate would otherwise
 * be computed for every key there is.)
 */
export const reduceAggregations: Rule = {
  name: "reduce-aggregations",
  apply: (plan, { ids, estimator }) => {
    estimator.see(plan);
    return reduce(plan, ids, estimator);
  },
};

const reduce = (plan: LogicalPlan, ids: IdSource, estimator: Estimator): LogicalPlan => {
  const region = plan.kind === "join" && isInRegion(plan) ? collectRegion(plan) : undefined;
  if (region === undefined) return mapInputs(plan, (input) => reduce(input, ids, estimator));
  const replaced = new Map<LogicalPlan, LogicalPlan>();
  for (const [i, leaf] of region.leaves.entries()) {
    const below = reduce(leaf, ids, estimator);
    const reduced = mayLoseGroups(region, i) ? reduceLeaf(below, keyClasses(region, i), region, ids, estimator) : below;
    if (reduced !== leaf) replaced.set(leaf, reduced);
  }
  return replaced.size === 0 ? plan : replaceLeaves(plan, replaced);
};

const isInRegion = (plan: LogicalJoin): boolean => plan.joinKind !== "right" && plan.joinKind !== "full";

const replaceLeaves = (plan: LogicalPlan, replaced: ReadonlyMap<LogicalPlan, LogicalPlan>): LogicalPlan =>
  replaced.get(plan) ?? mapInputs(plan, (input) => replaceLeaves(input, replaced));

/** Whether groups that nothing on the other side equals have no effect: not so for marks, which tell NULL from FALSE. */
const mayLoseGroups = (region: Region, leaf: number): boolean =>
  region.attachments.find((attachment) => attachment.leaf === leaf)?.join.joinKind !== "mark";

/** Columns that are equal wherever a row of the leaf makes a difference. */
type Classes = (id: ColumnId) => ReadonlySet<ColumnId>;

/**
 * Equalities that hold for every row of the region's result, and those that must hold for a match with the leaf. The
 * conditions of other joins that keep rows without a match say nothing.
 */
const keyClasses = (region: Region, leaf: number): Classes => {
  const neighbours = new Map<ColumnId, Set<ColumnId>>();
  const equate = (a: ColumnRef, b: ColumnRef): void => {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const known = neighbours.get(from.id);
      if (known === undefined) neighbours.set(from.id, new Set([to.id]));
      else known.add(to.id);
    }
  };
  const take = (part: Expression): void => {
    if (part.kind !== "compare" || part.op !== "eq") return;
    if (part.left.kind !== "column" || part.right.kind !== "column") return;
    if (sameType(part.left.type, part.right.type)) equate(part.left, part.right);
  };
  for (const { predicate } of region.predicates) take(predicate);
  for (const attachment of region.attachments) {
    if (attachment.join.joinKind === "semi" || attachment.leaf === leaf) conjuncts(attachment.condition).forEach(take);
  }
  return (id) => {
    const found = new Set([id]);
    for (const member of found) for (const next of neighbours.get(member) ?? []) found.add(next);
    return found;
  };
};

interface Source {
  readonly scan: LogicalScan;
  readonly column: ColumnId;
  readonly rows: number;
}

/** The scans among the leaves whose rows the result cannot do without: inner joined, or asked for by a semi join. */
const sourcesOf = (columns: ReadonlySet<ColumnId>, region: Region, estimator: Estimator): readonly Source[] => {
  const optional = new Set(
    region.attachments.filter(({ join }) => join.joinKind !== "semi").map(({ leaf }) => region.leaves[leaf]!),
  );
  return region.leaves.flatMap((leaf): readonly Source[] => {
    if (leaf.kind !== "scan" || leaf.filters.length === 0 || optional.has(leaf)) return [];
    const column = leaf.columns.find(({ id }) => columns.has(id));
    return column === undefined ? [] : [{ scan: leaf, column: column.id, rows: estimator.rows(leaf) }];
  });
};

const reduceLeaf = (
  leaf: LogicalPlan,
  classes: Classes,
  region: Region,
  ids: IdSource,
  estimator: Estimator,
): LogicalPlan => {
  let best: { readonly source: Source; readonly column: ColumnId; readonly share: number } | undefined;
  for (const { id } of columnsOf(leaf)) {
    const column = groupColumn(leaf, id);
    if (column === undefined) continue;
    const groups = estimator.estimate(leaf).columns.get(id)?.domain ?? 1;
    for (const source of sourcesOf(classes(id), region, estimator)) {
      const share = source.rows / Math.max(1, groups);
      if (share < WORTHWHILE_SHARE && (best === undefined || share < best.share)) best = { source, column, share };
    }
  }
  if (best === undefined) return leaf;
  const { source, column } = best;
  return withAggregate(leaf, (aggregate) => {
    const key = aggregate.groups.find((group) => group.id === column)!.expression;
    const copy = renumber(source.scan, ids);
    const copied = columnsOf(copy.plan).find(({ id }) => id === copy.ids.get(source.column))!;
    const input: LogicalPlan = {
      kind: "join",
      joinKind: "semi",
      left: aggregate.input,
      right: copy.plan,
      condition: compare("eq", key, columnRef(copied)),
      mark: undefined,
      dependent: false,
    };
    return { ...aggregate, input: orderJoinsIn(input, estimator) };
  });
};

/** The id of the group key that a column of the plan passes on, if an aggregation lies below filters and projections. */
const groupColumn = (plan: LogicalPlan, id: ColumnId): ColumnId | undefined => {
  switch (plan.kind) {
    case "filter":
      return groupColumn(plan.input, id);
    case "project": {
      const projection = plan.projections.find((item) => item.id === id);
      return projection?.expression.kind === "column" ? groupColumn(plan.input, projection.expression.id) : undefined;
    }
    case "aggregate":
      return plan.groups.some((group) => group.id === id) && idsOf(plan).has(id) ? id : undefined;
    default:
      return undefined;
  }
};

const withAggregate = (plan: LogicalPlan, change: (aggregate: LogicalAggregate) => LogicalPlan): LogicalPlan =>
  plan.kind === "aggregate" ? change(plan) : mapInputs(plan, (input) => withAggregate(input, change));
