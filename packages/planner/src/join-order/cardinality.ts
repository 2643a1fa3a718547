import type { ColumnId } from "@headcut/plan";
import type { ColumnEstimate } from "../statistics/column-estimate.ts";
import { equalitySelectivity } from "../statistics/equality-selectivity.ts";
import { attachmentEffect } from "../statistics/estimate-join.ts";
import { type RowsEstimate, selectivity } from "../statistics/selectivity.ts";
import { columnsOf } from "../traverse/plan.ts";
import type { EqualityClass, Equivalences } from "./equivalence.ts";
import { type LeafSet, members, type Region } from "./region.ts";

/** The number of rows that joining a set of leaves makes, the same in whatever order they are joined. */
export type Cardinality = (set: LeafSet) => number;

/** Two leaves and the classes both are in. */
interface Pair {
  readonly a: number;
  readonly b: number;
  readonly classes: readonly EqualityClass[];
  readonly selectivity: number;
}

export const cardinalityOf = (
  region: Region,
  { classes, others }: Equivalences,
  leafEstimates: readonly RowsEstimate[],
): Cardinality => {
  const columns = new Map<ColumnId, ColumnEstimate>();
  for (const estimate of leafEstimates) for (const [id, column] of estimate.columns) columns.set(id, column);
  const attachments = region.attachments.map((attachment) => {
    const effect = attachmentEffect(
      attachment.join.joinKind,
      attachment.condition,
      { rows: 0, columns },
      leafEstimates[attachment.leaf]!,
      new Set(columnsOf(attachment.join.right).map((column) => column.id)),
    );
    if (attachment.join.mark !== undefined) columns.set(attachment.join.mark.id, effect.mark!);
    return { bit: 1 << attachment.leaf, factor: effect.factor };
  });
  const attached = attachments.reduce((set, { bit }) => set | bit, 0);
  const all = leafEstimates.reduce((product, { rows }) => product * Math.max(1, rows), 1);
  const predicates = others.map(({ predicate, leaves }) => ({
    leaves,
    selectivity: selectivity(predicate, { rows: all, columns }),
  }));
  const pairs = pairsOf(classes, leafEstimates);
  const memo = new Map<LeafSet, number>();

  return (set) => {
    const known = memo.get(set);
    if (known !== undefined) return known;
    let rows = 1;
    for (const leaf of members(set & ~attached)) rows *= leafEstimates[leaf]!.rows;
    rows *= equalities(pairs, classes, set);
    for (const predicate of predicates) if ((predicate.leaves & ~set) === 0) rows *= predicate.selectivity;
    for (const { bit, factor } of attachments) if ((set & bit) !== 0) rows *= factor;
    const result = Math.max(1, rows);
    memo.set(set, result);
    return result;
  };
};

/** Every two leaves that share classes, the most selective first. */
const pairsOf = (classes: readonly EqualityClass[], estimates: readonly RowsEstimate[]): readonly Pair[] => {
  const pairs: Pair[] = [];
  for (let a = 0; a < estimates.length; a++) {
    for (let b = a + 1; b < estimates.length; b++) {
      const both = (1 << a) | (1 << b);
      const shared = classes.filter((item) => (item.leaves & both) === both);
      if (shared.length > 0)
        pairs.push({ a, b, classes: shared, selectivity: pairSelectivity(a, b, shared, estimates) });
    }
  }
  return pairs.sort((x, y) => x.selectivity - y.selectivity);
};

const pairSelectivity = (
  a: number,
  b: number,
  shared: readonly EqualityClass[],
  estimates: readonly RowsEstimate[],
): number => {
  const side = (leaf: number): ColumnEstimate[] =>
    shared.map((item) => estimates[leaf]!.columns.get(item.columns.get(leaf)!.id)!);
  return equalitySelectivity(side(a), side(b));
};

/**
 * The selectivity of all equalities inside a set: a spanning tree per class, the most selective pairs first, where a pair
 * that several classes connect counts them together (a composite key has fewer values than its parts' product).
 */
const equalities = (pairs: readonly Pair[], classes: readonly EqualityClass[], set: LeafSet): number => {
  let result = 1;
  const groups = new Map<EqualityClass, number[]>();
  for (const item of classes) groups.set(item, []);
  for (const pair of pairs) {
    const both = (1 << pair.a) | (1 << pair.b);
    if ((both & ~set) !== 0) continue;
    const useful = pair.classes.filter((item) => connect(groups.get(item)!, pair.a, pair.b));
    if (useful.length === 0) continue;
    // Where another pair has connected one of the classes already, the others count in proportion.
    result *=
      useful.length === pair.classes.length
        ? pair.selectivity
        : pair.selectivity ** (useful.length / pair.classes.length);
  }
  return result;
};

/** Joins the groups of a and b (disjoint sets of leaves as bits); false if they were one already. */
const connect = (groups: number[], a: number, b: number): boolean => {
  const i = groups.findIndex((group) => (group & (1 << a)) !== 0);
  const j = groups.findIndex((group) => (group & (1 << b)) !== 0);
  if (i >= 0 && i === j) return false;
  const merged = (i >= 0 ? groups[i]! : 1 << a) | (j >= 0 ? groups[j]! : 1 << b);
  for (const index of [i, j].filter((index) => index >= 0).sort((x, y) => y - x)) groups.splice(index, 1);
  groups.push(merged);
  return true;
};
