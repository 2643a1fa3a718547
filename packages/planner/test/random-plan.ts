import {
  type AggregateCall,
  and,
  boolean,
  type Column,
  type CompareOp,
  columnRef,
  compare,
  constant,
  type Expression,
  hugeint,
  int32,
  int64,
  isNull,
  type JoinKind,
  type LogicalPlan,
  not,
  or,
  outputColumns,
  type Table,
  type Value,
} from "@headcut/plan";
import { outerColumns } from "../src/traverse/plan.ts";
import { type PlanBuilder, planBuilder, table } from "./build-plan.ts";
import type { Data } from "./run-logical.ts";

/** Numbers from a seed: `below(n)` is a whole number from 0 to n - 1. */
export interface Random {
  below(limit: number): number;
  chance(share: number): boolean;
  pick<T>(items: readonly T[]): T;
}

export const random = (seed: number): Random => {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return { below, chance: (share) => next() < share, pick: (items) => items[below(items.length)]! };
};

/** What their statistics say is not true of the rows they get: rules that go by sizes should fire as well. */
const tables: readonly Table[] = [
  ["r", 1_000_000],
  ["s", 20_000],
  ["t", 5],
].map(([name, rows]) => {
  const statistics = { distinctCount: 10 };
  return table(String(name), Number(rows), {
    a: { type: int32, nullable: true, statistics },
    b: { type: int32, nullable: true, statistics },
    c: { type: int32, statistics },
  });
});

/** A few rows of small numbers and NULLs per table; sometimes none. */
export const randomData = (rng: Random): Data => {
  const value = (): Value => (rng.chance(0.2) ? null : rng.below(4));
  const rows = (): Value[][] => Array.from({ length: rng.below(6) }, () => [value(), value(), rng.below(4)]);
  return { r: rows(), s: rows(), t: rows() };
};

/** A plan with subqueries, correlated at any depth, over tables r, s and t. */
export const randomPlan = (
  rng: Random,
  depth: number,
): { readonly plan: LogicalPlan; readonly builder: PlanBuilder } => {
  const builder = planBuilder();
  return { plan: generate(rng, builder, depth, []), builder };
};

const isInt = (column: Column): boolean => column.type.kind === "int32";

const value = (rng: Random, own: readonly Column[], outer: readonly Column[]): Expression => {
  const candidates = [...own, ...(rng.chance(0.5) ? outer : [])].filter(isInt);
  if (candidates.length === 0 || rng.chance(0.1)) return constant(int32, rng.below(4));
  const ref = columnRef(rng.pick(candidates));
  if (!rng.chance(0.15)) return ref;
  return { kind: "arithmetic", op: "add", left: ref, right: constant(int32, 1), type: int32, nullable: ref.nullable };
};

const OPS: readonly CompareOp[] = ["eq", "eq", "eq", "eq", "ne", "lt", "ge", "notDistinct"];

const predicate = (rng: Random, own: readonly Column[], outer: readonly Column[]): Expression => {
  const one = (): Expression => {
    const left = value(rng, own, []);
    if (rng.chance(0.1)) return rng.chance(0.5) ? isNull(left) : not(isNull(left));
    const right = outer.length > 0 && rng.chance(0.7) ? value(rng, outer, []) : value(rng, own, outer);
    const made = compare(rng.pick(OPS), left, right);
    return rng.chance(0.1) ? not(made) : made;
  };
  if (rng.chance(0.3)) return and(one(), one());
  return rng.chance(0.15) ? or(one(), one()) : one();
};

const calls = (rng: Random, own: readonly Column[], outer: readonly Column[]): Record<string, AggregateCall> => {
  const call = (): AggregateCall => {
    const name = rng.pick(["count", "countStar", "sum", "min", "max"] as const);
    const base = {
      name,
      filter: rng.chance(0.15) ? predicate(rng, own, outer) : undefined,
      distinct: name !== "countStar" && rng.chance(0.2),
      orderBy: [],
    };
    if (name === "countStar") return { ...base, args: [], type: int64, nullable: false };
    const args = [value(rng, own, rng.chance(0.2) ? outer : [])];
    const type = name === "count" ? int64 : name === "sum" ? hugeint : int32;
    return { ...base, args, type, nullable: name !== "count" };
  };
  return rng.chance(0.3) ? { x: call(), y: call() } : { x: call() };
};

const intersects = (plan: LogicalPlan, columns: readonly Column[]): boolean => {
  const outer = outerColumns(plan);
  return columns.some((column) => outer.has(column.id));
};

const generate = (rng: Random, b: PlanBuilder, depth: number, outer: readonly Column[]): LogicalPlan => {
  if (depth <= 0) {
    const scan = b.scan(rng.pick(tables));
    return outer.length > 0 && rng.chance(0.7)
      ? { kind: "filter", input: scan, predicate: predicate(rng, scan.columns, outer) }
      : scan;
  }
  const below = (): LogicalPlan => generate(rng, b, depth - 1 - rng.below(2), outer);
  switch (rng.below(13)) {
    case 0:
    case 1: {
      const input = below();
      return { kind: "filter", input, predicate: predicate(rng, outputColumns(input), outer) };
    }
    case 2: {
      const input = below();
      const columns = outputColumns(input);
      const kept = Object.fromEntries(
        columns.filter(() => rng.chance(0.7)).map((column) => [`c${column.id}`, columnRef(column)]),
      );
      return b.project(input, { ...kept, e: { ...arithmetic(value(rng, columns, outer)) } });
    }
    case 3: {
      const input = below();
      const columns = outputColumns(input);
      const groups = columns
        .filter(isInt)
        .filter(() => rng.chance(0.4))
        .map(columnRef);
      return b.aggregate(input, groups, calls(rng, columns, outer));
    }
    case 4: {
      const input = below();
      return b.aggregate(input, outputColumns(input).map(columnRef), {});
    }
    case 5: {
      const joinKind = rng.pick<JoinKind>(["inner", "inner", "left", "right", "full", "semi", "anti"]);
      const left = below();
      const right = below();
      const columns = [...outputColumns(left), ...outputColumns(right)];
      const condition = predicate(rng, columns, outer);
      return { kind: "join", joinKind, left, right, condition, mark: undefined, dependent: false };
    }
    case 6: {
      const input = below();
      const keys = outputColumns(input).map((column) => ({
        expression: columnRef(column),
        descending: rng.chance(0.5),
        nullsFirst: rng.chance(0.5),
      }));
      if (rng.chance(0.4)) {
        // The order is by columns that the projection above it drops.
        const kept = outputColumns(input).filter(() => rng.chance(0.5));
        const items = Object.fromEntries(kept.map((column) => [`c${column.id}`, columnRef(column)]));
        const computed = arithmetic(value(rng, outputColumns(input), outer));
        const projected = b.project({ kind: "sort", input, keys }, { ...items, e: computed });
        return { kind: "limit", input: projected, limit: 1, offset: 0 };
      }
      return {
        kind: "limit",
        input: { kind: "sort", input, keys },
        limit: 1 + (outer.length > 0 ? 0 : rng.below(3)),
        offset: 0,
      };
    }
    case 7: {
      const ints = (plan: LogicalPlan): LogicalPlan => {
        const columns = outputColumns(plan).filter(isInt).slice(0, 2);
        const items = Object.fromEntries(
          [0, 1].map((i) => [`u${i}`, columns[i] === undefined ? constant(int32, i) : columnRef(columns[i])]),
        );
        return b.project(plan, items);
      };
      const op = rng.pick(["union", "intersect", "except"] as const);
      const [left, right] = [ints(below()), ints(below())];
      const rightColumns = outputColumns(right);
      const columns = outputColumns(left).map((column, i) => ({
        ...column,
        id: b.ids.next(),
        nullable: column.nullable || rightColumns[i]!.nullable,
      }));
      return { kind: "setOperation", op, all: rng.chance(0.5), left, right, columns };
    }
    case 8: {
      if (rng.chance(0.3)) {
        const own = outer.length === 0 ? [] : outer;
        const row = (): Expression[] => [value(rng, own, []), value(rng, own, [])];
        return b.values(
          [
            ["v", int32],
            ["w", int32],
          ],
          rng.chance(0.5) ? [row()] : [row(), row()],
        );
      }
      return b.with(below(), (scan) => {
        const [left, right] = [scan(), scan()];
        const condition = predicate(rng, [...left.columns, ...right.columns], outer);
        return { kind: "join", joinKind: "inner", left, right, condition, mark: undefined, dependent: false };
      });
    }
    default:
      return subquery(rng, b, depth, outer);
  }
};

const arithmetic = (left: Expression): Expression => ({
  kind: "arithmetic",
  op: "add",
  left,
  right: constant(int32, 1),
  type: int32,
  nullable: left.nullable,
});

/** A join with a subquery that may refer to the left side and to everything further out. */
const subquery = (rng: Random, b: PlanBuilder, depth: number, outer: readonly Column[]): LogicalPlan => {
  const left = generate(rng, b, depth - 1 - rng.below(2), outer);
  const leftColumns = outputColumns(left);
  const right = generate(rng, b, depth - 1, [...outer, ...leftColumns]);
  const rightColumns = outputColumns(right);
  const dependent = intersects(right, leftColumns);
  const joinKind = rng.pick<JoinKind>(["inner", "left", "single", "single", "mark", "mark", "semi", "anti"]);
  if (joinKind === "single") {
    // A scalar subquery: mostly an aggregate of one row.
    const scalar = rng.chance(0.8)
      ? b.aggregate(right, [], calls(rng, rightColumns, [...outer, ...leftColumns]))
      : right;
    const isDependent = intersects(scalar, leftColumns);
    const joined = {
      kind: "join",
      joinKind,
      left,
      right: scalar,
      condition: and(),
      mark: undefined,
      dependent: isDependent,
    } as const;
    if (rng.chance(0.5)) return joined;
    return { kind: "filter", input: joined, predicate: predicate(rng, outputColumns(joined), outer) };
  }
  const condition = rng.chance(0.5) ? and() : predicate(rng, leftColumns, rightColumns);
  if (joinKind !== "mark") return { kind: "join", joinKind, left, right, condition, mark: undefined, dependent };
  const mark: Column = { id: b.ids.next(), name: "mark", type: boolean, nullable: condition.nullable };
  const joined = { kind: "join", joinKind, left, right, condition, mark, dependent } as const;
  const marked = columnRef(mark);
  const test = rng.pick([marked, not(marked), or(marked, predicate(rng, leftColumns, []))]);
  const filtered: LogicalPlan = { kind: "filter", input: joined, predicate: test };
  return rng.chance(0.2)
    ? joined
    : b.project(filtered, Object.fromEntries(leftColumns.map((column) => [`c${column.id}`, columnRef(column)])));
};
