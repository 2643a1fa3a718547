import { hugeint, int32, type Value, varchar } from "@headcut/plan";
import { describe, expect, it } from "vitest";
import { aggregate, call, col, join, scan, testTable } from "./plan-builder.ts";
import { runPlan } from "./run-plan.ts";

/** More rows than a thread remembers groups of, some of them alike. */
const buildCount = 3000;
const build = Array.from({ length: buildCount }, (_, k) => ({
  k,
  text: k % 5 === 0 ? null : `text ${k % 700}`,
  n: k % 3,
}));
const probe = Array.from({ length: 10_000 }, (_, i) => ({ k: ((i >> 2) * 17) % (buildCount + 50), v: i }));
const builds = testTable("builds", {
  k: [int32, build.map(({ k }) => k)],
  text: [varchar, build.map(({ text }) => text)],
  n: [int32, build.map(({ n }) => n)],
});
const probes = testTable("probes", {
  k: [int32, probe.map(({ k }) => k)],
  v: [int32, probe.map(({ v }) => v)],
});

const expected = (keyOf: (row: (typeof build)[number], v: number) => readonly Value[]): string[] => {
  const sums = new Map<string, bigint>();
  for (const { k, v } of probe) {
    const row = build[k];
    if (row === undefined) continue;
    const key = keyOf(row, v).map(String).join("|");
    sums.set(key, (sums.get(key) ?? 0n) + BigInt(v));
  }
  return [...sums].map(([key, sum]) => `${key}|${sum}`).sort();
};

describe.each([1, 2, 4])("groups by a row that a join has kept, %i threads", (threads) => {
  const joined = () => {
    const [b, p] = [scan(builds), scan(probes)];
    return join("inner", b, p, [{ build: col(b, "k"), probe: col(p, "k"), nullSafe: false }]);
  };
  const run = (names: readonly string[], input = joined()): string[] => {
    const keys = Object.fromEntries(names.map((name) => [name, col(input, name)]));
    const plan = aggregate(input, keys, { sum: call("sum", hugeint, [col(input, "v")]) });
    const { rows } = runPlan(plan, [builds, probes], { threads, batchRows: 100 });
    return rows.map((row) => row.map(String).join("|")).sort();
  };

  it("of all keys", () => {
    expect(run(["text", "n"])).toEqual(expected(({ text, n }) => [text, n]));
  });

  it("not of keys that the other side has a part in", () => {
    expect(run(["text", "v"])).toEqual(expected(({ text }, v) => [text, v]));
  });
});
