import { areConnected, type Hypergraph, neighbours } from "./hypergraph.ts";
import type { LeafSet } from "./region.ts";

/** The best way found to join a set of leaves. */
export interface JoinTree {
  readonly set: LeafSet;
  readonly rows: number;
  readonly cost: number;
  /** Undefined for a leaf. */
  readonly sides: readonly [JoinTree, JoinTree] | undefined;
}

/** The tree that joins these two, the preserved side first; undefined if they cannot be joined as they are. */
export type Combine = (a: JoinTree, b: JoinTree) => JoinTree | undefined;

/** Pairs looked at before giving up: beyond, planning takes longer than a better plan would save. */
const MAX_PAIRS = 10_000;

/**
 * Finds the cheapest join tree by dynamic programming over connected subgraphs and their connected complements (DPhyp: G.
 * Moerkotte, T. Neumann, "Dynamic Programming Strikes Back", SIGMOD 2008). Undefined if there are too many pairs.
 */
export const enumerateJoins = (
  graph: Hypergraph,
  leaves: readonly JoinTree[],
  combine: Combine,
): JoinTree | undefined => {
  const best = new Map<LeafSet, JoinTree>();
  for (const leaf of leaves) best.set(leaf.set, leaf);
  let pairs = 0;

  const emitPair = (a: LeafSet, b: LeafSet): void => {
    pairs++;
    const left = best.get(a)!;
    const right = best.get(b)!;
    const tree = combine(left, right);
    if (tree === undefined) return;
    const known = best.get(tree.set);
    if (known === undefined || tree.cost < known.cost) best.set(tree.set, tree);
  };
  /** Calls `visit` with every non-empty subset, small ones before those that contain them. */
  const subsets = (set: LeafSet, visit: (subset: LeafSet) => void): void => {
    for (let subset = set & -set; subset !== 0; subset = (subset - set) & set) visit(subset);
  };
  const upTo = (leaf: LeafSet): LeafSet => leaf | (leaf - 1);

  const growComplement = (a: LeafSet, b: LeafSet, excluded: LeafSet): void => {
    if (pairs > MAX_PAIRS) return;
    const around = neighbours(graph, b, excluded);
    if (around === 0) return;
    subsets(around, (more) => {
      if (best.has(b | more) && areConnected(graph, a, b | more)) emitPair(a, b | more);
    });
    subsets(around, (more) => growComplement(a, b | more, excluded | around));
  };
  const emit = (a: LeafSet): void => {
    const excluded = a | upTo(a & -a);
    const around = neighbours(graph, a, excluded);
    for (let rest = around; rest !== 0; ) {
      const leaf = 1 << (31 - Math.clz32(rest));
      rest &= ~leaf;
      if (areConnected(graph, a, leaf)) emitPair(a, leaf);
      growComplement(a, leaf, excluded | (around & upTo(leaf)));
    }
  };
  const grow = (a: LeafSet, excluded: LeafSet): void => {
    if (pairs > MAX_PAIRS) return;
    const around = neighbours(graph, a, excluded);
    if (around === 0) return;
    subsets(around, (more) => {
      if (best.has(a | more)) emit(a | more);
    });
    subsets(around, (more) => grow(a | more, excluded | around));
  };

  for (let leaf = graph.size - 1; leaf >= 0; leaf--) {
    const set = 1 << leaf;
    emit(set);
    grow(set, upTo(set));
  }
  if (pairs > MAX_PAIRS) return undefined;
  return best.get(2 ** graph.size - 1);
};

/** Joins the two trees whose join makes the fewest rows, again and again (greedy operator ordering, L. Fegaras, 1998). */
export const joinGreedily = (
  graph: Hypergraph,
  leaves: readonly JoinTree[],
  combine: Combine,
): JoinTree | undefined => {
  let trees = [...leaves];
  while (trees.length > 1) {
    let best: { readonly tree: JoinTree; readonly a: JoinTree; readonly b: JoinTree } | undefined;
    for (const [i, a] of trees.entries()) {
      for (const b of trees.slice(i + 1)) {
        if (!areConnected(graph, a.set, b.set)) continue;
        const tree = combine(a, b);
        if (tree !== undefined && (best === undefined || tree.rows < best.tree.rows)) best = { tree, a, b };
      }
    }
    if (best === undefined) return undefined;
    const { tree, a, b } = best;
    trees = [...trees.filter((item) => item !== a && item !== b), tree];
  }
  return trees[0];
};
