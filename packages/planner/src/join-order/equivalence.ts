import { type ColumnId, type ColumnRef, compare, type Expression, sameType } from "@headcut/plan";
import { columnsOf } from "../traverse/plan.ts";
import type { LeafSet, Region, RegionPredicate } from "./region.ts";

/** Columns that inner joins equate with each other, at most one of each leaf. */
export interface EqualityClass {
  readonly columns: ReadonlyMap<number, ColumnRef>;
  readonly leaves: LeafSet;
}

export interface Equivalences {
  readonly classes: readonly EqualityClass[];
  /** Predicates that are not in a class. */
  readonly others: readonly RegionPredicate[];
  /** Per leaf, equalities between columns of its own that follow from the classes. */
  readonly within: ReadonlyMap<number, readonly Expression[]>;
}

interface BareEquality {
  readonly left: ColumnRef;
  readonly right: ColumnRef;
}

const bareEquality = ({ predicate }: RegionPredicate): BareEquality | undefined => {
  if (predicate.kind !== "compare" || predicate.op !== "eq") return undefined;
  const { left, right } = predicate;
  if (left.kind !== "column" || right.kind !== "column" || !sameType(left.type, right.type)) return undefined;
  return { left, right };
};

/**
 * Collects `a = b`, `b = c` into classes, so that any two leaves of a class can be joined on it directly, and no equality
 * is counted twice. Columns of attached leaves stay out: they may be padded with NULLs.
 */
export const findEquivalences = (region: Region): Equivalences => {
  const leafOf = new Map<ColumnId, number>();
  const attached = new Set(region.attachments.map((attachment) => attachment.leaf));
  for (const [leaf, plan] of region.leaves.entries()) {
    if (!attached.has(leaf)) for (const { id } of columnsOf(plan)) leafOf.set(id, leaf);
  }
  const parent = new Map<ColumnId, ColumnId>();
  const refs = new Map<ColumnId, ColumnRef>();
  const find = (id: ColumnId): ColumnId => {
    let root = id;
    while (parent.get(root)! !== root) root = parent.get(root)!;
    return root;
  };
  const others: RegionPredicate[] = [];
  for (const predicate of region.predicates) {
    const equality = bareEquality(predicate);
    if (equality === undefined || !leafOf.has(equality.left.id) || !leafOf.has(equality.right.id)) {
      others.push(predicate);
      continue;
    }
    for (const ref of [equality.left, equality.right]) {
      refs.set(ref.id, ref);
      if (!parent.has(ref.id)) parent.set(ref.id, ref.id);
    }
    parent.set(find(equality.left.id), find(equality.right.id));
  }
  const byRoot = new Map<ColumnId, Map<number, ColumnRef>>();
  const within = new Map<number, Expression[]>();
  for (const [id, ref] of refs) {
    const root = find(id);
    const leaf = leafOf.get(id)!;
    const columns = byRoot.get(root) ?? new Map<number, ColumnRef>();
    byRoot.set(root, columns);
    const first = columns.get(leaf);
    if (first === undefined) columns.set(leaf, ref);
    else within.set(leaf, [...(within.get(leaf) ?? []), compare("eq", first, ref)]);
  }
  const classes = [...byRoot.values()].map((columns): EqualityClass => {
    let leaves = 0;
    for (const leaf of columns.keys()) leaves |= 1 << leaf;
    return { columns, leaves };
  });
  return { classes, others, within };
};
