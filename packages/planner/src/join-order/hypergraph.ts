import type { Equivalences } from "./equivalence.ts";
import type { LeafSet, Region } from "./region.ts";

/** Two sets of leaves that something joins: it can be used once one side has all of `a` and the other all of `b`. */
export interface Hyperedge {
  readonly a: LeafSet;
  readonly b: LeafSet;
}

/** What can be joined with what. Always connected: pieces that no predicate connects get edges for their cross product. */
export interface Hypergraph {
  readonly size: number;
  readonly edges: readonly Hyperedge[];
}

export const hypergraphOf = (region: Region, { classes, others }: Equivalences): Hypergraph => {
  const edges: Hyperedge[] = [];
  const needs = new Map(region.attachments.map((attachment) => [attachment.leaf, attachment.needs]));
  /** The set with all that its attached leaves need, for those cannot be there without. */
  const closed = (set: LeafSet): LeafSet => {
    let all = set;
    for (;;) {
      let next = all;
      for (const [leaf, needed] of needs) if ((all & (1 << leaf)) !== 0) next |= needed;
      if (next === all) return all;
      all = next;
    }
  };
  for (const { leaves } of classes) {
    for (let a = 0; a < region.leaves.length; a++) {
      if ((leaves & (1 << a)) === 0) continue;
      for (let b = a + 1; b < region.leaves.length; b++) {
        if ((leaves & (1 << b)) !== 0) edges.push({ a: 1 << a, b: 1 << b });
      }
    }
  }
  for (const { leaves, sides } of others) {
    const a = closed(leaves & sides[0]);
    const b = closed(leaves & sides[1]);
    if (a !== 0 && b !== 0 && (a & b) === 0) edges.push({ a, b });
  }
  for (const { leaf, needs: needed } of region.attachments) edges.push({ a: closed(needed), b: 1 << leaf });
  return { size: region.leaves.length, edges: [...edges, ...crossEdges(region.leaves.length, edges)] };
};

/** Edges that make one graph of several: whole components are multiplied, so only when each is done. */
const crossEdges = (size: number, edges: readonly Hyperedge[]): readonly Hyperedge[] => {
  const components: LeafSet[] = [];
  for (let leaf = 0; leaf < size; leaf++) {
    let merged = 1 << leaf;
    for (let grown = true; grown; ) {
      grown = false;
      for (const { a, b } of edges) {
        const touched = a | b;
        if ((touched & merged) !== 0 && (touched & ~merged) !== 0) {
          merged |= touched;
          grown = true;
        }
      }
    }
    if (!components.includes(merged)) components.push(merged);
  }
  const cross: Hyperedge[] = [];
  let done = components[0]!;
  for (const component of components.slice(1)) {
    cross.push({ a: done, b: component });
    done |= component;
  }
  return cross;
};

/** The leaves through which a set can grow without touching `excluded`: of each edge's other side, its lowest leaf. */
export const neighbours = (graph: Hypergraph, set: LeafSet, excluded: LeafSet): LeafSet => {
  let found = 0;
  const closed = set | excluded;
  for (const { a, b } of graph.edges) {
    if ((a & ~set) === 0 && (b & closed) === 0) found |= b & -b;
    if ((b & ~set) === 0 && (a & closed) === 0) found |= a & -a;
  }
  return found;
};

/** Whether an edge leads from inside one set to inside the other. */
export const areConnected = (graph: Hypergraph, left: LeafSet, right: LeafSet): boolean =>
  graph.edges.some(
    ({ a, b }) => ((a & ~left) === 0 && (b & ~right) === 0) || ((b & ~left) === 0 && (a & ~right) === 0),
  );
