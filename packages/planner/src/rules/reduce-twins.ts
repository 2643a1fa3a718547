import {
  type ColumnId,
  columnRef,
  compare,
  conjuncts,
  type LogicalJoin,
  type LogicalPlan,
  type LogicalScan,
} from "@headcut/plan";
import { findEquivalences } from "../join-order/equivalence.ts";
import { collectRegion, type Region } from "../join-order/region.ts";
import type { Estimator } from "../statistics/estimator.ts";
import { columnsOf, inputs, mapInputs } from "../traverse/plan.ts";
import { type IdSource, renumber } from "../traverse/renumber.ts";
import { canonicalText, type TableNumbers } from "./canonical-text.ts";
import type { Rule } from "./rule.ts";
import { isWorthSharing } from "./share-subplans.ts";

/**
 * Where a table is read twice, once reduced by a semi join with a filtered table and once in an inner join with that same
 * filtered table on the same column, the second reading is reduced as well. That changes nothing in the result; but both
 * have become alike, and the table is read once. (So it is with an aggregate over the group of each row, which
 * reduce-aggregations has put such a semi join below.)
 */
export const reduceTwins: Rule = {
  name: "reduce-twins",
  apply: (plan, { ids, estimator }) => {
    estimator.see(plan);
    const tables: TableNumbers = new Map();
    const reductions = findReductions(plan, estimator, tables);
    return reductions.size === 0 ? plan : reduce(plan, { reductions, tables, ids });
  },
};

interface Context {
  /** Semi joins of two scans that leave little, as `reductionText` tells them. */
  readonly reductions: ReadonlySet<string>;
  readonly tables: TableNumbers;
  readonly ids: IdSource;
}

interface ScannedColumn {
  readonly scan: LogicalScan;
  readonly id: ColumnId;
}

/** A scan of so many rows, reduced by another: says the same of any two scans that read the same. */
const reductionText = (left: ScannedColumn, right: ScannedColumn, tables: TableNumbers): string =>
  [left, right]
    .map(({ scan, id }) => `${canonicalText(scan, tables)} ${scan.columns.find((column) => column.id === id)!.index}`)
    .join(" in ");

const findReductions = (plan: LogicalPlan, estimator: Estimator, tables: TableNumbers): Set<string> => {
  const found = new Set<string>();
  const visit = (node: LogicalPlan): void => {
    inputs(node).forEach(visit);
    const sides = node.kind === "join" && node.joinKind === "semi" ? semiJoinedScans(node) : undefined;
    if (sides !== undefined && isWorthSharing(node, estimator)) found.add(reductionText(...sides, tables));
  };
  visit(plan);
  return found;
};

/** The two columns, if the join is one of two scans on the equality of a column of each. */
const semiJoinedScans = ({ left, right, condition }: LogicalJoin): [ScannedColumn, ScannedColumn] | undefined => {
  const [equality, ...others] = conjuncts(condition);
  if (left.kind !== "scan" || right.kind !== "scan" || others.length > 0) return undefined;
  if (equality?.kind !== "compare" || equality.op !== "eq") return undefined;
  const [a, b] = [equality.left, equality.right];
  if (a.kind !== "column" || b.kind !== "column") return undefined;
  const isOf = (scan: LogicalScan, id: ColumnId): boolean => scan.columns.some((column) => column.id === id);
  const [own, other] = isOf(left, a.id) ? [a.id, b.id] : [b.id, a.id];
  return isOf(left, own) && isOf(right, other)
    ? [
        { scan: left, id: own },
        { scan: right, id: other },
      ]
    : undefined;
};

const reduce = (plan: LogicalPlan, context: Context): LogicalPlan => {
  const isRoot = plan.kind === "join" && plan.joinKind !== "right" && plan.joinKind !== "full";
  const region = isRoot ? collectRegion(plan) : undefined;
  if (region === undefined) return mapInputs(plan, (input) => reduce(input, context));
  const replaced = new Map<LogicalPlan, LogicalPlan>();
  for (const leaf of region.leaves) {
    const below = leaf.kind === "scan" ? leaf : reduce(leaf, context);
    if (below !== leaf) replaced.set(leaf, below);
  }
  for (const [leaf, reduced] of reducedScans(region, context)) replaced.set(leaf, reduced);
  const replace = (node: LogicalPlan): LogicalPlan => replaced.get(node) ?? mapInputs(node, replace);
  return replaced.size === 0 ? plan : replace(plan);
};

/** The inner joined scans of a region that a reduction is known of, by a scan that they are joined with. */
const reducedScans = (region: Region, { reductions, tables, ids }: Context): ReadonlyMap<LogicalPlan, LogicalPlan> => {
  const reduced = new Map<LogicalPlan, LogicalPlan>();
  for (const { columns } of findEquivalences(region).classes) {
    const scanned = [...columns].flatMap(([leaf, { id }]): ScannedColumn[] => {
      const scan = region.leaves[leaf]!;
      return scan.kind === "scan" ? [{ scan, id }] : [];
    });
    for (const left of scanned) {
      const right = scanned.find((other) => other !== left && reductions.has(reductionText(left, other, tables)));
      if (right !== undefined && !reduced.has(left.scan)) reduced.set(left.scan, semiJoin(left, right, ids));
    }
  }
  return reduced;
};

const semiJoin = (left: ScannedColumn, right: ScannedColumn, ids: IdSource): LogicalPlan => {
  const copy = renumber(right.scan, ids);
  const key = left.scan.columns.find(({ id }) => id === left.id)!;
  const copied = columnsOf(copy.plan).find(({ id }) => id === copy.ids.get(right.id))!;
  return {
    kind: "join",
    joinKind: "semi",
    left: left.scan,
    right: copy.plan,
    condition: compare("eq", columnRef(key), columnRef(copied)),
    mark: undefined,
    dependent: false,
  };
};
