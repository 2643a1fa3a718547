import {
  and,
  boolean,
  type Column,
  columnRef,
  compare,
  type Expression,
  int32,
  isNull,
  type JoinKind,
  type LogicalJoin,
  type LogicalPlan,
  or,
  outputColumns,
  type Table,
  type Value,
} from "@headcut/plan";
import { describe, expect, test } from "vitest";
import { enumerateJoins, type JoinTree } from "../src/join-order/enumerate.ts";
import { areConnected, type Hyperedge, type Hypergraph } from "../src/join-order/hypergraph.ts";
import { optimize } from "../src/optimize.ts";
import { printLogicalPlan } from "../src/print/print-logical.ts";
import { orderJoins } from "../src/rules/order-joins.ts";
import { pushFilters } from "../src/rules/push-filters.ts";
import { col, eq, join, type PlanBuilder, planBuilder, table } from "./build-plan.ts";
import { type Random, random } from "./random-plan.ts";
import { asText, type Data, runLogical } from "./run-logical.ts";

const tableOf = (i: number, rows: number): Table =>
  table(`t${i}`, rows, { a: { type: int32, nullable: true }, b: { type: int32, nullable: true } });

/** A tree of joins of every kind over `leaves` tables, with equalities and other predicates between any columns. */
const randomJoins = (rng: Random, b: PlanBuilder, leaves: number): LogicalPlan => {
  let next = 0;
  const build = (count: number): LogicalPlan => {
    if (count === 1) {
      const i = next++;
      return b.scan(tableOf(i, [3, 50, 1000, 100_000][rng.below(4)]!));
    }
    const ofLeft = 1 + rng.below(count - 1);
    const left = build(ofLeft);
    const right = build(count - ofLeft);
    const joinKind = rng.pick<JoinKind>([
      "inner",
      "inner",
      "inner",
      "inner",
      "left",
      "semi",
      "anti",
      "mark",
      "right",
      "full",
    ]);
    const condition = predicate(rng, outputColumns(left), outputColumns(right));
    const mark: Column | undefined =
      joinKind === "mark" ? { id: b.ids.next(), name: "m", type: boolean, nullable: condition.nullable } : undefined;
    const joined: LogicalJoin = { kind: "join", joinKind, left, right, condition, mark, dependent: false };
    if (!rng.chance(0.25)) return joined;
    const columns = outputColumns(joined).filter((column) => column.type.kind === "int32");
    const test = rng.chance(0.5) ? isNull(columnRef(rng.pick(columns))) : predicate(rng, columns, columns);
    return { kind: "filter", input: joined, predicate: mark === undefined ? test : or(columnRef(mark), test) };
  };
  return build(leaves);
};

const predicate = (rng: Random, left: readonly Column[], right: readonly Column[]): Expression => {
  const ints = (columns: readonly Column[]) => columns.filter((column) => column.type.kind === "int32");
  const side = (columns: readonly Column[]): Expression => columnRef(rng.pick(ints(columns)));
  const one = (): Expression => {
    if (rng.chance(0.05)) return and();
    if (rng.chance(0.15)) {
      const sum: Expression = {
        kind: "arithmetic",
        op: "add",
        left: side(left),
        right: side(right),
        type: int32,
        nullable: true,
      };
      return compare("eq", sum, side(rng.chance(0.5) ? left : right));
    }
    return compare(rng.chance(0.8) ? "eq" : "le", side(left), side(right));
  };
  return rng.chance(0.3) ? and(one(), one()) : one();
};

const randomRows = (rng: Random, leaves: number): Data =>
  Object.fromEntries(
    Array.from({ length: leaves }, (_, i) => [
      `t${i}`,
      Array.from({ length: rng.below(4) }, (): Value[] => [rng.chance(0.2) ? null : rng.below(3), rng.below(3)]),
    ]),
  );

describe("join ordering", () => {
  test("random trees of joins of all kinds keep their answer", () => {
    let reordered = 0;
    for (let seed = 1; seed <= 2000; seed++) {
      const rng = random(seed);
      const b = planBuilder();
      const leaves = 3 + rng.below(4);
      const plan = randomJoins(rng, b, leaves);
      const { plan: after, steps } = optimize(plan, b.ids, [orderJoins, pushFilters, orderJoins]);
      if (steps.length > 0) reordered++;
      const columns = outputColumns(plan);
      for (let i = 0; i < 3; i++) {
        const data = randomRows(rng, leaves);
        const [expected, got] = [
          asText({ columns }, runLogical(plan, data)),
          asText({ columns }, runLogical(after, data)),
        ];
        const message = `seed ${seed}\n${printLogicalPlan(plan)}\n\n${printLogicalPlan(after)}\n${JSON.stringify(data)}`;
        expect(got, message).toEqual(expected);
      }
    }
    expect(reordered).toBeGreaterThan(1000);
  });

  test("beyond twelve tables a chain is ordered greedily, without cross products", () => {
    const b = planBuilder();
    const scans = Array.from({ length: 20 }, (_, i) => b.scan(tableOf(i, 1000 + ((i * 7919) % 5000))));
    // Even tables first, then odd ones: as written, every join is a cross product until the last.
    const order = [...scans.filter((_, i) => i % 2 === 0), ...scans.filter((_, i) => i % 2 === 1)];
    const conditions = scans.slice(1).map((scan, i) => eq(col(scans[i]!, "a"), col(scan, "b")));
    const crossed = order.slice(1).reduce<LogicalPlan>((left, right) => join("inner", left, right), order[0]!);
    const plan: LogicalPlan = { kind: "filter", input: crossed, predicate: and(...conditions) };
    const { plan: after } = optimize(plan, b.ids, [pushFilters, orderJoins]);
    expect(printLogicalPlan(after)).not.toMatch(/join inner$/m);
  });

  test("forty tables are too many for sets of bits: the top joins stay as they are", () => {
    const b = planBuilder();
    const scans = Array.from({ length: 40 }, (_, i) => b.scan(tableOf(i, 10)));
    const plan = scans
      .slice(1)
      .reduce<LogicalPlan>((left, right) => join("inner", left, right, eq(col(left, "a"), col(right, "b"))), scans[0]!);
    const ids = (made: LogicalPlan): readonly number[] => outputColumns(made).map((column) => column.id);
    expect(ids(optimize(plan, b.ids, [orderJoins]).plan)).toEqual(ids(plan));
  });
});

describe("DPhyp", () => {
  /** Every tree there is, by brute force: the least cost per set. */
  const bruteForce = (
    graph: Hypergraph,
    combine: (a: JoinTree, b: JoinTree) => JoinTree,
    leaves: readonly JoinTree[],
  ) => {
    const best = new Map<number, JoinTree>(leaves.map((leaf) => [leaf.set, leaf]));
    for (let set = 1; set < 2 ** graph.size; set++) {
      for (let part = (set - 1) & set; part > 0; part = (part - 1) & set) {
        const [a, b] = [best.get(part), best.get(set & ~part)];
        if (a === undefined || b === undefined || !areConnected(graph, a.set, b.set)) continue;
        const tree = combine(a, b);
        const known = best.get(set);
        if (known === undefined || tree.cost < known.cost) best.set(set, tree);
      }
    }
    return best.get(2 ** graph.size - 1);
  };

  test("finds the cheapest tree of random hypergraphs", () => {
    for (let seed = 1; seed <= 400; seed++) {
      const rng = random(seed);
      const size = 2 + rng.below(6);
      const edges: Hyperedge[] = [];
      for (let i = 1; i < size; i++) edges.push({ a: 1 << rng.below(i), b: 1 << i });
      for (let i = 0; i < rng.below(3); i++) {
        const a = 1 + rng.below(2 ** size - 1);
        const b = (1 + rng.below(2 ** size - 1)) & ~a;
        if (b !== 0) edges.push({ a, b });
      }
      // Some hypergraphs lose their simple edges: sets that only hyperedges connect.
      if (rng.chance(0.3)) edges.splice(rng.below(edges.length), 1);
      const graph: Hypergraph = { size, edges };
      const rows = new Map<number, number>();
      const rowsOf = (set: number): number => {
        const known = rows.get(set) ?? 1 + rng.below(1000);
        rows.set(set, known);
        return known;
      };
      const combine = (a: JoinTree, b: JoinTree): JoinTree => {
        const set = a.set | b.set;
        return { set, rows: rowsOf(set), cost: a.cost + b.cost + rowsOf(set), sides: [a, b] };
      };
      const leaves = Array.from(
        { length: size },
        (_, i): JoinTree => ({ set: 1 << i, rows: 1, cost: 0, sides: undefined }),
      );
      const expected = bruteForce(graph, combine, leaves);
      expect(enumerateJoins(graph, leaves, combine)?.cost, `seed ${seed}`).toBe(expected?.cost);
    }
  });
});
