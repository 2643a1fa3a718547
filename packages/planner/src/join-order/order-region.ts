import { and, compare, type Expression, type LogicalPlan } from "@headcut/plan";
import { chooseSides } from "../physical/build-side.ts";
import type { Estimator } from "../statistics/estimator.ts";
import { columnsOf } from "../traverse/plan.ts";
import { cardinalityOf } from "./cardinality.ts";
import { type Combine, enumerateJoins, type JoinTree, joinGreedily } from "./enumerate.ts";
import { type EqualityClass, type Equivalences, findEquivalences } from "./equivalence.ts";
import { hypergraphOf } from "./hypergraph.ts";
import { type LeafSet, members, type Region } from "./region.ts";

/** Regions of more leaves than this are ordered greedily. */
const MAX_EXACT_LEAVES = 12;

/** Costs in units of a row that comes out of a join: what a row costs that goes into a hash table, or looks into one. */
const BUILD_ROW_COST = 2;
const PROBE_ROW_COST = 0.3;
/** Trying a pair of rows where there is no hash key. */
const PAIR_COST = 0.2;

/** The region joined in the order that is estimated to be the cheapest; undefined if none was found. */
export const orderRegion = (region: Region, estimator: Estimator): LogicalPlan | undefined => {
  const equivalences = findEquivalences(region);
  const leaves = region.leaves.map((leaf, i): LogicalPlan => {
    const own = equivalences.within.get(i);
    return own === undefined ? leaf : { kind: "filter", input: leaf, predicate: and(...own) };
  });
  const cardinality = cardinalityOf(
    region,
    equivalences,
    leaves.map((leaf) => estimator.estimate(leaf)),
  );
  const graph = hypergraphOf(region, equivalences);
  const combine = combiner(region, equivalences, cardinality);
  const leafTrees = leaves.map(
    (leaf, i): JoinTree => ({ set: 1 << i, rows: estimator.rows(leaf), cost: 0, sides: undefined }),
  );
  const exact = leaves.length <= MAX_EXACT_LEAVES ? enumerateJoins(graph, leafTrees, combine) : undefined;
  const tree = exact ?? joinGreedily(graph, leafTrees, combine);
  return tree === undefined ? undefined : finished(rebuild(tree, leaves, region, equivalences), region);
};

const combiner = (region: Region, { classes, others }: Equivalences, rowsOf: (set: LeafSet) => number): Combine => {
  const attachments = new Map(region.attachments.map((attachment) => [1 << attachment.leaf, attachment]));
  const equalities = others.filter(({ predicate }) => predicate.kind === "compare" && predicate.op === "eq");
  const hasKey = (a: LeafSet, b: LeafSet): boolean =>
    classes.some(({ leaves }) => (leaves & a) !== 0 && (leaves & b) !== 0) ||
    equalities.some(({ leaves }) => (leaves & ~(a | b)) === 0 && (leaves & a) !== 0 && (leaves & b) !== 0);
  return (first, second) => {
    const set = first.set | second.set;
    const attachment = attachments.get(second.set) ?? attachments.get(first.set);
    const [left, right] =
      attachments.has(first.set) && !attachments.has(second.set) ? [second, first] : [first, second];
    if (attachment !== undefined && (attachment.needs & ~left.set) !== 0) return undefined;
    const rows = rowsOf(set);
    const { buildIsLeft } = chooseSides(attachment?.join.joinKind ?? "inner", left.rows, right.rows);
    const [build, probe] = buildIsLeft ? [left, right] : [right, left];
    const own = attachment === undefined ? hasKey(left.set, right.set) : hasEquality(attachment.condition);
    const work = own ? BUILD_ROW_COST * build.rows + PROBE_ROW_COST * probe.rows : PAIR_COST * build.rows * probe.rows;
    return { set, rows, cost: left.cost + right.cost + rows + work, sides: [left, right] };
  };
};

const hasEquality = (condition: Expression): boolean => {
  if (condition.kind === "and") return condition.args.some(hasEquality);
  return condition.kind === "compare" && (condition.op === "eq" || condition.op === "notDistinct");
};

/** The plan of a join tree: every predicate in the lowest join that has all its columns. */
const rebuild = (
  tree: JoinTree,
  leaves: readonly LogicalPlan[],
  region: Region,
  equivalences: Equivalences,
): LogicalPlan => {
  if (tree.sides === undefined) {
    const leaf = leaves[members(tree.set)[0]!]!;
    const own = ofLeafAlone(tree.set, equivalences);
    return own.length === 0 ? leaf : { kind: "filter", input: leaf, predicate: and(...own) };
  }
  const [a, b] = tree.sides;
  const left = rebuild(a, leaves, region, equivalences);
  const due = equivalences.others
    .filter(({ leaves: set }) => (set & ~tree.set) === 0 && (set & ~a.set) !== 0 && (set & ~b.set) !== 0)
    .map(({ predicate }) => predicate);
  const attachment = region.attachments.find(({ leaf }) => b.set === 1 << leaf);
  if (attachment !== undefined) {
    // Predicates on an attached leaf's columns come after it: they filter what it made.
    const filters = [...due, ...ofLeafAlone(b.set, equivalences)];
    const { condition, leaf } = attachment;
    const joined: LogicalPlan = { ...attachment.join, left, right: leaves[leaf]!, condition };
    return filters.length === 0 ? joined : { kind: "filter", input: joined, predicate: and(...filters) };
  }
  const right = rebuild(b, leaves, region, equivalences);
  const crossing = equivalences.classes.filter(({ leaves: set }) => (set & a.set) !== 0 && (set & b.set) !== 0);
  const [ofA, ofB] = [keyLeaf(a.set, crossing), keyLeaf(b.set, crossing)];
  const keys = crossing.map(({ columns }) => compare("eq", columns.get(ofA(columns))!, columns.get(ofB(columns))!));
  // The larger side first, as it will be probed.
  const [outer, inner] = a.rows >= b.rows ? [left, right] : [right, left];
  return {
    kind: "join",
    joinKind: "inner",
    left: outer,
    right: inner,
    condition: and(...keys, ...due),
    mark: undefined,
    dependent: false,
  };
};

/**
 * Which leaf of a set to take a class's column from: the one that is in most of the classes, since the columns of one
 * table together make the key whose size is known.
 */
const keyLeaf = (set: LeafSet, classes: readonly EqualityClass[]): ((columns: EqualityClass["columns"]) => number) => {
  const count = (leaf: number): number => classes.filter(({ columns }) => columns.has(leaf)).length;
  const ranked = members(set).sort((x, y) => count(y) - count(x));
  return (columns) => ranked.find((leaf) => columns.has(leaf))!;
};

/** Predicates on one leaf's columns, or its mark. */
const ofLeafAlone = (set: LeafSet, { others }: Equivalences): readonly Expression[] =>
  others.filter(({ leaves }) => leaves === set).map(({ predicate }) => predicate);

/** Predicates without columns, and the columns that projections inside the region computed. */
const finished = (plan: LogicalPlan, { constants, computed }: Region): LogicalPlan => {
  const filtered: LogicalPlan =
    constants.length === 0 ? plan : { kind: "filter", input: plan, predicate: and(...constants) };
  if (computed.size === 0) return filtered;
  const passed = columnsOf(filtered).map(({ id, name, type, nullable }) => ({
    id,
    name,
    expression: { kind: "column", id, name, type, nullable } as const,
  }));
  const added = [...computed].map(([id, { name, expression }]) => ({ id, name, expression }));
  return { kind: "project", input: filtered, projections: [...passed, ...added] };
};
