import {
  type CompareOp,
  compare,
  constant,
  type Expression,
  int32,
  int64,
  type JoinKey,
  type PhysicalJoinKind,
  type PhysicalPlan,
  type Value,
  varchar,
} from "@headcut/plan";
import { describe, expect, it } from "vitest";
import { aggregate, call, col, filter, join, project, scan, testTable } from "./plan-builder.ts";
import { errorCode, type RunOptions, runPlan } from "./run-plan.ts";

type Rows = readonly (readonly Value[])[];
type Truth = boolean | null;

const text = (row: readonly Value[]): string => row.map(String).join("|");
const sorted = (rows: Rows): string[] => rows.map(text).sort();

/** Pseudo-random numbers below `bound`, the same in every run. */
const randomly = (seed: number) => {
  let state = seed;
  return (bound: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
};

const makeTable = (name: string, rows: number, keys: number, seed: number) => {
  const random = randomly(seed);
  const column = <T extends Value>(make: () => T): Value[] =>
    Array.from({ length: rows }, () => (random(6) === 0 ? null : make()));
  return testTable(name, {
    k: [int64, column(() => BigInt(random(keys))), true],
    s: [varchar, column(() => `text ${"x".repeat(random(20))} ${random(keys)}`), true],
    v: [int32, column(() => random(10)), true],
    id: [int32, Array.from({ length: rows }, (_, i) => i)],
  });
};

const left = makeTable("left", 60, 12, 1);
const right = makeTable("right", 50, 12, 2);
const empty = makeTable("empty", 0, 1, 3);

const rowsOf = (table: typeof left): Value[][] =>
  table.values[0]!.map((_, i) => table.values.map((column) => column[i]!));

/** What the join of the rows gives, by definition. */
const expected = (
  kind: PhysicalJoinKind,
  build: Value[][],
  probe: Value[][],
  condition: (probe: Value[], build: Value[]) => Truth,
): Value[][] => {
  const matches = (p: Value[]) => build.filter((b) => condition(p, b) === true);
  const matched = (b: Value[]) => probe.some((p) => condition(p, b) === true);
  const none = [null, null, null, null];
  const inner = () => probe.flatMap((p) => matches(p).map((b) => [...p, ...b]));
  const probeAlone = () => probe.filter((p) => matches(p).length === 0).map((p) => [...p, ...none]);
  const buildAlone = () => build.filter((b) => !matched(b)).map((b) => [...none, ...b]);
  switch (kind) {
    case "inner":
      return inner();
    case "probeOuter":
      return [...inner(), ...probeAlone()];
    case "buildOuter":
      return [...inner(), ...buildAlone()];
    case "full":
      return [...inner(), ...probeAlone(), ...buildAlone()];
    case "probeSemi":
      return probe.filter((p) => matches(p).length > 0);
    case "probeAnti":
      return probe.filter((p) => matches(p).length === 0);
    case "buildSemi":
      return build.filter(matched);
    case "buildAnti":
      return build.filter((b) => !matched(b));
    case "mark":
      return probe.map((p) => {
        const results = build.map((b) => condition(p, b));
        return [...p, results.includes(true) ? true : results.includes(null) ? null : false];
      });
    case "single":
      return [...inner(), ...probeAlone()];
  }
};

const equal = (a: Value, b: Value): Truth => (a === null || b === null ? null : a === b);
const all = (...truths: Truth[]): Truth => (truths.includes(false) ? false : truths.includes(null) ? null : true);
const K = 0;
const S = 1;
const V = 2;

const key = (build: PhysicalPlan, probe: PhysicalPlan, name: string, nullSafe = false): JoinKey => ({
  build: col(build, name),
  probe: col(probe, name),
  nullSafe,
});
const op = (name: CompareOp, a: Expression, b: Expression) => compare(name, a, b);

const kinds: PhysicalJoinKind[] = [
  "inner",
  "probeOuter",
  "buildOuter",
  "full",
  "probeSemi",
  "probeAnti",
  "buildSemi",
  "buildAnti",
];

interface Shape {
  readonly name: string;
  readonly keys: (build: PhysicalPlan, probe: PhysicalPlan) => JoinKey[];
  readonly residual?: (build: PhysicalPlan, probe: PhysicalPlan) => Expression;
  readonly condition: (probe: Value[], build: Value[]) => Truth;
}

const shapes: Shape[] = [
  { name: "an integer key", keys: (b, p) => [key(b, p, "k")], condition: (p, b) => equal(p[K]!, b[K]!) },
  { name: "a string key", keys: (b, p) => [key(b, p, "s")], condition: (p, b) => equal(p[S]!, b[S]!) },
  {
    name: "three keys, one null-safe",
    keys: (b, p) => [key(b, p, "k"), key(b, p, "v", true), key(b, p, "k", true)],
    condition: (p, b) => all(equal(p[K]!, b[K]!), p[V] === b[V]),
  },
  { name: "a null-safe string", keys: (b, p) => [key(b, p, "s", true)], condition: (p, b) => p[S] === b[S] },
  {
    name: "a key and a residual",
    keys: (b, p) => [key(b, p, "k")],
    residual: (b, p) => op("lt", col(p, "v"), col(b, "v")),
    condition: (p, b) =>
      all(equal(p[K]!, b[K]!), p[V] === null || b[V] === null ? null : (p[V] as number) < (b[V] as number)),
  },
  {
    name: "no key, a residual",
    keys: () => [],
    residual: (b, p) => op("eq", col(p, "v"), col(b, "v")),
    condition: (p, b) => equal(p[V]!, b[V]!),
  },
  { name: "neither key nor residual", keys: () => [], condition: () => true },
];

const modes: RunOptions[] = [{ threads: 1 }, { threads: 3, batchRows: 7, dictionaries: "text" }];
const inputs = [
  ["rows", left, right],
  ["no build rows", empty, right],
  ["no probe rows", left, empty],
] as const;

describe.each(modes)("hash join, $threads threads", (options) => {
  describe.each(inputs)("%s", (_name, buildTable, probeTable) => {
    const tables = [left, right, empty];
    const runJoin = (kind: PhysicalJoinKind, { keys, residual }: Shape, mark?: { name: string; nullable: boolean }) => {
      const [build, probe] = [scan(buildTable), scan(probeTable)];
      const more = residual === undefined ? {} : { residual: residual(build, probe) };
      const plan = join(kind, build, probe, keys(build, probe), { ...more, ...(mark === undefined ? {} : { mark }) });
      return runPlan(plan, tables, options).rows;
    };
    describe.each(shapes)("on $name", (shape) => {
      it.each(kinds)("%s", (kind) => {
        const rows = expected(kind, rowsOf(buildTable), rowsOf(probeTable), shape.condition);
        expect(sorted(runJoin(kind, shape))).toEqual(sorted(rows));
      });
    });

    it.each([0, 1, 5])("mark in three-valued logic (shape %i)", (index) => {
      const shape = shapes[index]!;
      const rows = expected("mark", rowsOf(buildTable), rowsOf(probeTable), shape.condition);
      expect(sorted(runJoin("mark", shape, { name: "m", nullable: true }))).toEqual(sorted(rows));
    });

    it("mark with null-safe key and residual", () => {
      const shape: Shape = {
        name: "",
        keys: (b, p) => [key(b, p, "s", true)],
        residual: (b, p) => op("eq", col(p, "v"), col(b, "v")),
        condition: (p, b) => all(p[S] === b[S], equal(p[V]!, b[V]!)),
      };
      const rows = expected("mark", rowsOf(buildTable), rowsOf(probeTable), shape.condition);
      expect(sorted(runJoin("mark", shape, { name: "m", nullable: true }))).toEqual(sorted(rows));
    });
  });

  it("single joins give the match or NULLs, and refuse a second match", () => {
    const parents = testTable("parents", { id: [int32, [1, 2, 3]], n: [varchar, ["one", null, "three"]] });
    const children = testTable("children", { parent: [int32, [3, 1, 9, null, 1]] });
    const [build, probe] = [scan(parents), scan(children)];
    const keys = [{ build: col(build, "id"), probe: col(probe, "parent"), nullSafe: false }];
    const plan = join("single", build, probe, keys);
    expect(sorted(runPlan(plan, [parents, children], options).rows)).toEqual(
      sorted([
        [3, 3, "three"],
        [1, 1, "one"],
        [1, 1, "one"],
        [9, null, null],
        [null, null, null],
      ]),
    );
    const swapped = join(
      "single",
      probe,
      build,
      keys.map(({ build: b, probe: p }) => ({ build: p, probe: b, nullSafe: false })),
    );
    expect(errorCode(() => runPlan(swapped, [parents, children], options))).toBe("too-many-rows");
  });

  it("joins on computed keys and reads only some columns", () => {
    const [build, probe] = [scan(left), scan(right)];
    const keys = [
      {
        build: compare("gt", col(build, "v"), constant(int32, 4)),
        probe: compare("gt", col(probe, "v"), constant(int32, 4)),
        nullSafe: false,
      },
    ];
    const joined = join("inner", build, probe, keys);
    const plan = aggregate(joined, {}, { n: call("countStar", int64, []), m: call("max", varchar, [col(build, "s")]) });
    const big = (row: Value[]): Truth => (row[V] === null ? null : (row[V] as number) > 4);
    const rows = expected("inner", rowsOf(left), rowsOf(right), (p, b) => equal(big(p), big(b)));
    const longest = rows.map((row) => row[5] as string | null).filter((s) => s !== null);
    expect(runPlan(plan, [left, right], options).rows).toEqual([[BigInt(rows.length), longest.sort().at(-1)!]]);
  });

  it("chains joins in one pipeline", () => {
    const [a, b, c] = [scan(left), scan(right), scan(left)];
    const inner = join("probeOuter", b, a, [key(b, a, "k")]);
    const plan = join("inner", c, inner, [{ build: col(c, "s"), probe: col(a, "s"), nullSafe: false }]);
    const first = expected("probeOuter", rowsOf(right), rowsOf(left), (p, q) => equal(p[K]!, q[K]!));
    const rows = first.flatMap((row) =>
      rowsOf(left).flatMap((other) => (equal(row[S]!, other[S]!) === true ? [[...row, ...other]] : [])),
    );
    expect(sorted(runPlan(plan, [left, right], options).rows)).toEqual(sorted(rows));
  });
});

describe.each([1, 4])("large joins on %i threads", (threads) => {
  const rows = 150_000;
  const facts = testTable("facts", {
    fk: [int64, Array.from({ length: rows }, (_, i) => BigInt((i * 31) % 50_000))],
    v: [int64, Array.from({ length: rows }, (_, i) => BigInt(i))],
  });
  const dimension = testTable("dimension", {
    pk: [int64, Array.from({ length: 40_000 }, (_, i) => BigInt(i))],
    name: [varchar, Array.from({ length: 40_000 }, (_, i) => `dimension ${i}`)],
  });
  const same = testTable("same", { k: [int32, Array(3000).fill(7)] });

  it("matches keys and rejects those beyond", () => {
    const [build, probe] = [scan(dimension), scan(facts)];
    const keys = [{ build: col(build, "pk"), probe: col(probe, "fk"), nullSafe: false }];
    const joined = join("inner", build, probe, keys);
    const plan = project(filter(joined, compare("lt", col(probe, "v"), constant(int64, 3n))), {
      v: col(probe, "v"),
      name: col(build, "name"),
    });
    expect(sorted(runPlan(plan, [facts, dimension], { threads }).rows)).toEqual([
      "0|dimension 0",
      "1|dimension 31",
      "2|dimension 62",
    ]);
    const count = aggregate(joined, {}, { n: call("countStar", int64, []) });
    expect(runPlan(count, [facts, dimension], { threads }).rows).toEqual([[120_000n]]);
  });

  it("walks long chains", () => {
    const [build, probe] = [scan(same), scan(same)];
    const plan = join("inner", build, probe, [key(build, probe, "k")]);
    const count = aggregate(plan, {}, { n: call("countStar", int64, []) });
    expect(runPlan(count, [same], { threads, batchRows: 500 }).rows).toEqual([[9_000_000n]]);
  });
});
