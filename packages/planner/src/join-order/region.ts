import {
  type ColumnId,
  conjuncts,
  type Expression,
  type JoinKind,
  type LogicalJoin,
  type LogicalPlan,
} from "@headcut/plan";
import { freeColumns, substitute } from "../traverse/expression.ts";
import { columnsOf } from "../traverse/plan.ts";

/** A set of a region's leaves, as bits: leaf i is bit i. */
export type LeafSet = number;

/** Bits of a 32-bit integer that can be used with signed arithmetic. */
export const MAX_LEAVES = 30;

/**
 * A join that keeps its left rows apart from the right ones, and so cannot be turned around: its right side is one leaf,
 * which may be joined once all leaves that the condition names on the left are there.
 */
export interface Attachment {
  readonly join: LogicalJoin & { readonly joinKind: Exclude<JoinKind, "inner" | "right" | "full"> };
  readonly leaf: number;
  readonly condition: Expression;
  /** Leaves that must be joined before. */
  readonly needs: LeafSet;
}

/** A predicate of the region, to be applied as soon as all its leaves are joined. */
export interface RegionPredicate {
  readonly predicate: Expression;
  /** Leaves whose columns (or marks) it names. */
  readonly leaves: LeafSet;
  /** As the query joined them: the two sides of the join it was the condition of. */
  readonly sides: readonly [LeafSet, LeafSet];
}

/**
 * A connected piece of a plan made of joins alone, taken apart: inner joins may be done in any order; an attachment moves
 * among them as far as the columns it needs allow, because inner joins, filters, semi, anti, mark and left joins on
 * columns of the left side all commute with it.
 */
export interface Region {
  readonly leaves: readonly LogicalPlan[];
  readonly predicates: readonly RegionPredicate[];
  readonly attachments: readonly Attachment[];
  /** Predicates without columns. */
  readonly constants: readonly Expression[];
  /** Columns computed by projections between the joins; computed on top instead. */
  readonly computed: ReadonlyMap<ColumnId, { readonly name: string; readonly expression: Expression }>;
}

const isAttachment = (plan: LogicalJoin): plan is Attachment["join"] =>
  plan.joinKind !== "inner" && plan.joinKind !== "right" && plan.joinKind !== "full";

/** Takes the region with this join on top apart; undefined if it has too many leaves for a set of bits. */
export const collectRegion = (root: LogicalJoin): Region | undefined => {
  const leaves: LogicalPlan[] = [];
  const predicates: RegionPredicate[] = [];
  const attachments: Attachment[] = [];
  const constants: Expression[] = [];
  const computed = new Map<ColumnId, { name: string; expression: Expression }>();
  const leafOf = new Map<ColumnId, number>();
  const definitions = new Map<ColumnId, Expression>();

  const leavesOf = (expression: Expression): LeafSet => {
    let set = 0;
    for (const id of freeColumns(expression)) {
      const leaf = leafOf.get(id);
      if (leaf !== undefined) set |= 1 << leaf;
    }
    return set;
  };
  const addLeaf = (plan: LogicalPlan): number => {
    const leaf = leaves.push(plan) - 1;
    for (const { id } of columnsOf(plan)) leafOf.set(id, leaf);
    return leaf;
  };
  const addPredicates = (condition: Expression, sides: readonly [LeafSet, LeafSet]): void => {
    for (const part of conjuncts(condition)) {
      const predicate = substitute(part, definitions);
      const set = leavesOf(predicate);
      if (set === 0) constants.push(predicate);
      else predicates.push({ predicate, leaves: set, sides });
    }
  };
  /** Takes a plan apart and tells its leaves. */
  const collect = (plan: LogicalPlan): LeafSet => {
    if (plan.kind === "filter" && reachesJoin(plan.input)) {
      const set = collect(plan.input);
      addPredicates(plan.predicate, [set, 0]);
      return set;
    }
    if (plan.kind === "project" && reachesJoin(plan.input)) {
      const set = collect(plan.input);
      for (const { id, name, expression } of plan.projections) {
        if (expression.kind === "column" && expression.id === id) continue;
        const defined = substitute(expression, definitions);
        definitions.set(id, defined);
        computed.set(id, { name, expression: defined });
      }
      return set;
    }
    if (plan.kind !== "join" || plan.joinKind === "right" || plan.joinKind === "full") return 1 << addLeaf(plan);
    const left = collect(plan.left);
    if (plan.joinKind === "inner") {
      const right = collect(plan.right);
      addPredicates(plan.condition, [left, right]);
      return left | right;
    }
    if (!isAttachment(plan)) return left;
    const leaf = addLeaf(plan.right);
    if (plan.mark !== undefined) leafOf.set(plan.mark.id, leaf);
    const condition = substitute(plan.condition, definitions);
    const named = leavesOf(condition) & ~(1 << leaf);
    // What names nothing on the left stays above everything it was above; so does what may fail on a second match.
    let needs = named === 0 || plan.joinKind === "single" ? left : named;
    for (const before of attachments) if ((needs & (1 << before.leaf)) !== 0) needs |= before.needs;
    attachments.push({ join: plan, leaf, condition, needs });
    return left | (1 << leaf);
  };

  if (countLeaves(root) > MAX_LEAVES) return undefined;
  collect(root);
  return { leaves, predicates, attachments, constants, computed };
};

/** Whether filters and projections alone lie between the plan and a join. */
const reachesJoin = (plan: LogicalPlan): boolean => {
  if (plan.kind === "filter" || plan.kind === "project") return reachesJoin(plan.input);
  return plan.kind === "join" && plan.joinKind !== "right" && plan.joinKind !== "full";
};

const countLeaves = (plan: LogicalPlan): number => {
  if ((plan.kind === "filter" || plan.kind === "project") && reachesJoin(plan)) return countLeaves(plan.input);
  if (plan.kind !== "join" || plan.joinKind === "right" || plan.joinKind === "full") return 1;
  return countLeaves(plan.left) + (plan.joinKind === "inner" ? countLeaves(plan.right) : 1);
};

/** The leaves of a set, in ascending order. */
export const members = (set: LeafSet): number[] => {
  const list: number[] = [];
  for (let rest = set; rest !== 0; rest &= rest - 1) list.push(31 - Math.clz32(rest & -rest));
  return list;
};
