import {
  double,
  hugeint,
  int32,
  int64,
  isNull,
  not,
  type PhysicalAggregate,
  type PhysicalPlan,
  type Value,
  varchar,
} from "@headcut/plan";
import { describe, expect, it } from "vitest";
import { planLeaders } from "../../src/pipelines/leader-plan.ts";
import { aggregate, call, col, filter, join, project, scan, testTable, unionAll } from "./plan-builder.ts";
import { runPlan } from "./run-plan.ts";

const buildCount = 5000;
const build = Array.from({ length: buildCount }, (_, k) => ({
  k: k % 11 === 0 ? null : k,
  text: k % 5 === 0 ? null : `text ${k % 70}`,
  other: `${k % 3}`,
  f: k % 2 === 0 ? -0 : 0,
}));
const probe = Array.from({ length: 20_000 }, (_, i) => ({ k: ((i >> 2) * 17) % (buildCount + 50), v: i, w: i % 7 }));
const builds = testTable("builds", {
  k: [int32, build.map(({ k }) => k)],
  text: [varchar, build.map(({ text }) => text)],
  other: [varchar, build.map(({ other }) => other)],
  f: [double, build.map(({ f }) => f)],
});
const probes = testTable("probes", {
  k: [int32, probe.map(({ k }) => k)],
  v: [int32, probe.map(({ v }) => v)],
  w: [int32, probe.map(({ w }) => w)],
});
const tables = [builds, probes];

const estimated = <Plan extends PhysicalPlan>(plan: Plan, estimatedRows: number): Plan => ({ ...plan, estimatedRows });

/** Probe rows with what they meet. */
const joined = (probeRows = 20_000) => {
  const [b, p] = [estimated(scan(builds), 5000), estimated(scan(probes), probeRows)];
  return estimated(join("inner", b, p, [{ build: col(b, "k"), probe: col(p, "k"), nullSafe: false }]), probeRows);
};

const grouped = (input: PhysicalPlan, names: readonly string[]): PhysicalAggregate => {
  const keys = Object.fromEntries(names.map((name) => [name, col(input, name)]));
  return aggregate(input, keys, { sum: call("sum", hugeint, [col(input, "v")]) }) as PhysicalAggregate;
};

/** The groups' sums, and how many rows are in each. */
const expected = (keyOf: (row: (typeof build)[number], w: number) => readonly Value[]): string[] => {
  const sums = new Map<string, bigint>();
  for (const { k, v, w } of probe) {
    const row = build[k];
    if (row === undefined || row.k === null) continue;
    const key = keyOf(row, w).map(String).join("|");
    sums.set(key, (sums.get(key) ?? 0n) + BigInt(v));
  }
  return [...sums].map(([key, sum]) => `${key}|${sum}`).sort();
};

describe("which build rows find a leader", () => {
  const keysOf = (plan: PhysicalAggregate, spilling?: ReadonlySet<number>) =>
    planLeaders(plan, spilling)
      .ofAggregate(plan)
      .map(({ columns }) => [...columns.keys()].map((id) => plan.groups.find((group) => group.id === id)!.name));

  it("those whose texts are keys of many more rows", () => {
    expect(keysOf(grouped(joined(), ["text", "other"]))).toEqual([["text", "other"]]);
    expect(keysOf(grouped(joined(), ["text", "w"]))).toEqual([["text"]]);
  });

  it("not for about as many rows as there are, nor for numbers", () => {
    expect(keysOf(grouped(joined(6000), ["text", "other"]))).toEqual([]);
    expect(keysOf(grouped(joined(), ["f", "w"]))).toEqual([]);
  });

  it("not where the join or the aggregation is on disk", () => {
    const input = joined();
    const plan = grouped(input, ["text"]);
    expect(keysOf(plan)).toEqual([["text"]]);
    expect(keysOf(plan, new Set([input.operatorId]))).toEqual([]);
    expect(keysOf(plan, new Set([plan.operatorId]))).toEqual([]);
  });

  it("not behind a union, where other rows have none", () => {
    const input = unionAll(joined(), joined());
    expect(keysOf(grouped(estimated(input, 40_000), ["text", "other"]))).toEqual([]);
  });

  it("of two aggregations one above the other, for both if the upper one has all columns", () => {
    const lower = estimated(grouped(joined(), ["text", "other", "w"]), 10_000);
    const upper = (names: readonly string[]) => {
      const keys = Object.fromEntries(names.map((name) => [name, col(lower, name)]));
      return aggregate(lower, keys, { sum: call("sum", hugeint, [col(lower, "sum")]) }) as PhysicalAggregate;
    };
    expect(keysOf(upper(["other", "text"]))).toEqual([["other", "text"]]);
    expect(keysOf(upper(["text"]))).toEqual([]);
  });
});

describe.each([1, 2, 4])("groups by leaders, %i threads", (threads) => {
  const run = (plan: PhysicalPlan): string[] =>
    runPlan(plan, tables, { threads, batchRows: 100 })
      .rows.map((row) => row.map(String).join("|"))
      .sort();

  it("of all keys, NULLs and zeros of either sign among them", () => {
    const plan = grouped(joined(), ["text", "other", "f"]);
    expect(planLeaders(plan).ofAggregate(plan)).toHaveLength(1);
    expect(run(plan)).toEqual(expected(({ text, other }) => [text, other, 0]));
  });

  it("of some keys, beside others", () => {
    expect(run(grouped(joined(), ["w", "text"]))).toEqual(expected(({ text }, w) => [w, text]));
  });

  it("of a key named twice, through filters and projections", () => {
    const input = joined();
    const some = filter(input, not(isNull(col(input, "text"))));
    const named = estimated(project(some, { a: col(some, "text"), v: col(some, "v"), b: col(some, "text") }), 20_000);
    const plan = grouped(named, ["a", "b"]);
    expect(planLeaders(plan).ofAggregate(plan)).toHaveLength(1);
    expect(run(plan)).toEqual(expected(({ text }) => [text, text]).filter((line) => !line.startsWith("null")));
  });

  it("of an aggregation above another", () => {
    const lower = estimated(grouped(joined(), ["text", "other", "w"]), 10_000);
    const plan = aggregate(
      lower,
      { other: col(lower, "other"), text: col(lower, "text") },
      { count: call("count", int64, [col(lower, "w")]), sum: call("sum", hugeint, [col(lower, "sum")]) },
    ) as PhysicalAggregate;
    expect(planLeaders(plan).ofAggregate(plan)).toHaveLength(1);
    const withoutCount = run(plan).map((line) => line.replace(/\|\d+\|/, "|"));
    expect(withoutCount.length).toBe(new Set(withoutCount).size);
    const sums = expected(({ text, other }) => [other, text]);
    expect(run(plan).map((line) => line.split("|").toSpliced(2, 1).join("|"))).toEqual(sums);
  });
});
