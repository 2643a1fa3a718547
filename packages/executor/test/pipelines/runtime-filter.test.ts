import {
  type DataType,
  date,
  decimal,
  double,
  int8,
  int32,
  int64,
  type JoinKey,
  type PhysicalHashJoin,
  type PhysicalJoinKind,
  type PhysicalPlan,
  uint64,
  type Value,
  varchar,
} from "@headcut/plan";
import { describe, expect, it } from "vitest";
import { planRuntimeFilters } from "../../src/pipelines/runtime-filter-plan.ts";
import { aggregate, call, col, filter, join, limit, project, scan, testTable, unionAll } from "./plan-builder.ts";
import { runPlan } from "./run-plan.ts";

const dropping: PhysicalJoinKind[] = ["inner", "buildOuter", "probeSemi", "buildSemi", "buildAnti"];
const keeping: PhysicalJoinKind[] = ["probeOuter", "full", "probeAnti"];

const keyOf = (build: PhysicalPlan, probe: PhysicalPlan, nullSafe = false): JoinKey => ({
  build: col(build, "k"),
  probe: col(probe, "k"),
  nullSafe,
});

/** A join that is expected to drop probe rows, so that it makes a filter. */
const selective = (plan: PhysicalPlan, estimatedRows = 0.5): PhysicalPlan => ({ ...plan, estimatedRows });

const table = (name: string, type: DataType, keys: readonly Value[], nullable = true) =>
  testTable(name, { k: [type, keys, nullable], id: [int32, keys.map((_, i) => i)] });

const text = (rows: readonly (readonly Value[])[]): string[] => rows.map((row) => row.map(String).join("|")).sort();

const expected = (kind: PhysicalJoinKind, build: readonly Value[], probe: readonly Value[], nullSafe: boolean) => {
  const equal = (a: Value, b: Value): boolean => (a === null || b === null ? nullSafe && a === b : a === b);
  const matches = probe.map((p) => build.flatMap((b, i) => (equal(p, b) ? [i] : [])));
  const inner = probe.flatMap((p, i) => matches[i]!.map((m) => [p, i, build[m]!, m]));
  const hit = new Set(matches.flat());
  const alone = (wanted: boolean) => build.flatMap((b, i) => (hit.has(i) === wanted ? [[b, i]] : []));
  const probeAlone = probe.flatMap((p, i) => (matches[i]!.length === 0 ? [[p, i, null, null]] : []));
  const buildAlone = alone(false).map((row) => [null, null, ...row]);
  const rows: Partial<Record<PhysicalJoinKind, Value[][]>> = {
    inner,
    probeOuter: [...inner, ...probeAlone],
    buildOuter: [...inner, ...buildAlone],
    full: [...inner, ...probeAlone, ...buildAlone],
    probeSemi: probe.flatMap((p, i) => (matches[i]!.length > 0 ? [[p, i]] : [])),
    probeAnti: probe.flatMap((p, i) => (matches[i]!.length === 0 ? [[p, i]] : [])),
    buildSemi: alone(true),
    buildAnti: alone(false),
  };
  return rows[kind]!;
};

const MAX = 2n ** 63n - 1n;
const MIN = -(2n ** 63n);
const bigints = (...values: number[]): bigint[] => values.map(BigInt);
const every = (count: number, make: (i: number) => Value): Value[] => Array.from({ length: count }, (_, i) => make(i));

/** Build keys, probe keys. */
const cases: readonly (readonly [string, DataType, readonly Value[], readonly Value[]])[] = [
  ["one key", int64, [7n], [6n, 7n, 8n, null, MIN, MAX]],
  ["a dense range", int32, every(100, (i) => i), every(300, (i) => i - 100)],
  ["a bitmap", int32, every(400, (i) => i * 3 - 500), every(2000, (i) => i - 900)],
  [
    "a bitmap of few keys far apart",
    int32,
    [-3_000_000, 0, 3_000_000, 4_999_999],
    every(2000, (i) => (i - 1000) * 3000),
  ],
  ["a bitmap of wide keys", int64, bigints(-7, 900, 70_000), every(2000, (i) => BigInt(i * 50 - 7))],
  ["a bitmap of negative bytes", int8, [-128, -3, 5, null], every(256, (i) => i - 128)],
  [
    "a Bloom filter",
    int64,
    every(50, (i) => BigInt(i) * 1_000_003n),
    every(3000, (i) => BigInt(i) * 1_000_003n + BigInt(i % 7)),
  ],
  ["64-bit extremes", int64, [MIN, MAX, 0n, null], [MIN, MIN + 1n, -1n, 0n, 1n, MAX - 1n, MAX, null]],
  ["unsigned extremes", uint64, [2n ** 64n - 1n, 0n, 5n], [2n ** 64n - 1n, 2n ** 63n, 2n ** 63n - 1n, 0n, 1n, 5n]],
  ["duplicates", int32, [4, 4, 4, 900, 900, null, null], every(1000, (i) => (i % 5 === 0 ? null : i))],
  ["only NULL", int32, [null, null], [null, 0, 1]],
  ["no build rows", int32, [], [null, 0, 1]],
  ["no probe rows", int32, [1, 2], []],
  ["decimals", decimal(10, 2), bigints(100, 250, -999), every(3000, (i) => BigInt(i - 1500))],
  ["wide decimals", decimal(38, 0), [10n ** 30n, -5n], [10n ** 30n, 10n ** 30n + 1n, -5n, 5n, null]],
  ["dates", date, [10_000, 9_000, 12_345], every(4000, (i) => 9000 + i)],
  [
    "strings",
    varchar,
    ["", "b", "a longer text than eight bytes"],
    ["", "a", "b", "a longer text than eight bytes", null],
  ],
  ["floats", double, [0, Number.NaN, 1.5], [-0, 0, Number.NaN, 1.5, 2, null]],
];

describe.each([
  [1, undefined],
  [2, "chunks"],
  [4, undefined],
] as const)("runtime filters on %i threads, dictionaries: %s", (threads, dictionaries) => {
  describe.each(cases)("%s", (_name, type, buildKeys, probeKeys) => {
    it.each([...dropping, ...keeping])("%s", (kind) => {
      if (type.kind === "double") return;
      for (const nullSafe of [false, true]) {
        const [buildTable, probeTable] = [table("build", type, buildKeys), table("probe", type, probeKeys)];
        const [build, probe] = [scan(buildTable), scan(probeTable)];
        const plan = selective(join(kind, build, probe, [keyOf(build, probe, nullSafe)]));
        const options = { threads, batchRows: 300, ...(dictionaries === undefined ? {} : { dictionaries }) };
        const { rows } = runPlan(plan, [buildTable, probeTable], options);
        expect(text(rows)).toEqual(text(expected(kind, buildKeys, probeKeys, nullSafe)));
      }
    });
  });

  it("takes every NaN for one number and -0 for 0", () => {
    const [, type, buildKeys, probeKeys] = cases.at(-1)!;
    const [buildTable, probeTable] = [table("build", type, buildKeys), table("probe", type, probeKeys)];
    const [build, probe] = [scan(buildTable), scan(probeTable)];
    const plan = selective(join("probeSemi", build, probe, [keyOf(build, probe)]));
    expect(runPlan(plan, [buildTable, probeTable], { threads }).rows.map((row) => row[1])).toEqual([0, 1, 2, 3]);
  });

  it("drops rows in the scan", () => {
    const [buildTable, probeTable] = [
      table(
        "build",
        int64,
        every(40, (i) => BigInt(i * 50)),
        false,
      ),
      table(
        "probe",
        int64,
        every(4000, (i) => BigInt(i)),
        false,
      ),
    ];
    const [build, probe] = [scan(buildTable), scan(probeTable)];
    const plan = selective(join("inner", build, probe, [keyOf(build, probe)]));
    const { rowCounts, rows } = runPlan(plan, [buildTable, probeTable], { threads, batchRows: 500 });
    expect(rows).toHaveLength(40);
    expect(rowCounts[probe.operatorId]).toBe(40);
  });
});

describe("where filters go", () => {
  const source = (name: string) => scan(table(name, int32, [1, 2]));
  const reached = (plan: PhysicalPlan): Map<string, number> => {
    let next = 0;
    const filters = planRuntimeFilters(plan, () => next++);
    const found = new Map<string, number>();
    const visit = (node: PhysicalPlan): void => {
      if (node.kind === "scan" && filters.ofScan(node).length > 0) found.set(node.alias, filters.ofScan(node).length);
      for (const value of Object.values(node))
        for (const child of Array.isArray(value) ? value : [value])
          if (typeof child === "object" && child !== null && "operatorId" in child) visit(child as PhysicalPlan);
    };
    visit(plan);
    return found;
  };
  const joined = (kind: PhysicalJoinKind, build: PhysicalPlan, probe: PhysicalPlan, nullSafe = false) =>
    selective(join(kind, build, probe, [keyOf(build, probe, nullSafe)]));

  it.each([...dropping, ...keeping])("own filter of %s", (kind) => {
    const expectation = dropping.includes(kind) ? [["b", 1]] : [];
    expect([...reached(joined(kind, source("a"), source("b")))]).toEqual(expectation);
  });

  it("not where NULL equals NULL, nor where nothing is expected to be dropped", () => {
    expect([...reached(joined("inner", source("a"), source("b"), true))]).toEqual([]);
    const [a, b] = [source("a"), source("b")];
    expect([...reached(join("inner", a, b, [keyOf(a, b)]))]).toEqual([]);
    const some = filter(source("a"), { kind: "constant", type: { kind: "boolean" }, value: true, nullable: false });
    const c = source("c");
    expect([...reached(join("inner", some, c, [keyOf(some, c)]))]).toEqual([["c", 1]]);
  });

  it("through projections that only rename, groups and unions, not through limits", () => {
    const a = source("a");
    const over = (plan: PhysicalPlan) => [...reached(joined("inner", a, plan))];
    const b = source("b");
    expect(over(project(b, { k: col(b, "k") }))).toEqual([["b", 1]]);
    expect(over(project(b, { k: { kind: "negate", arg: col(b, "k"), type: int32, nullable: true } }))).toEqual([]);
    expect(over(aggregate(b, { k: col(b, "k") }, { n: call("countStar", int64, []) }))).toEqual([["b", 1]]);
    const maximum = aggregate(b, { id: col(b, "id") }, { k: call("max", int32, [col(b, "k")]) });
    expect(over(maximum)).toEqual([]);
    expect(over(unionAll(b, source("c")))).toEqual([
      ["b", 1],
      ["c", 1],
    ]);
    expect(over(limit(b, 1))).toEqual([]);
  });

  it("into both sides of a join below, along equal keys", () => {
    const [a, b, c] = [source("a"), source("b"), source("c")];
    const below = (kind: PhysicalJoinKind): PhysicalHashJoin => joined(kind, b, c) as PhysicalHashJoin;
    const above = (kind: PhysicalJoinKind, side: PhysicalPlan) => {
      const key: JoinKey = { build: col(a, "k"), probe: col(side, "k"), nullSafe: false };
      return Object.fromEntries(reached(selective(join("inner", a, below(kind), [key]), 0.1)));
    };
    expect(above("inner", b)).toEqual({ b: 1, c: 2 });
    expect(above("inner", c)).toEqual({ b: 1, c: 2 });
    expect(above("probeOuter", c)).toEqual({ c: 1 });
    expect(above("probeAnti", c)).toEqual({ b: 1, c: 1 });
    expect(above("buildAnti", b)).toEqual({ b: 1, c: 2 });
    expect(above("full", b)).toEqual({});
    expect(above("single", c)).toEqual({});
  });
});
