import { type Arithmetic, date, double, hugeint, int32, int64, type Value, varchar } from "@headcut/plan";
import { describe, expect, it } from "vitest";
import { aggregate, call, col, project, scan, testTable, unionAll } from "./plan-builder.ts";
import { type RunOptions, runPlan } from "./run-plan.ts";

const printed = (value: Value): string => (typeof value === "bigint" ? `${value}n` : JSON.stringify(value));
const sorted = (rows: readonly (readonly Value[])[]): string[] => rows.map((row) => row.map(printed).join(" ")).sort();

const rowCount = 600;
const rows = Array.from({ length: rowCount }, (_, i) => ({
  flag: i % 11 === 0 ? null : ["A", "N", "R", "Ärger"][(i * 7) % 4]!,
  status: ["F", "O"][i % 2]!,
  day: i % 13 === 0 ? null : (i * 31) % 17,
  x: [0, -0, 1.5, null][i % 4]!,
  v: i,
}));
type Key = "flag" | "status" | "day" | "x";
const table = testTable("rows", {
  flag: [varchar, rows.map(({ flag }) => flag)],
  status: [varchar, rows.map(({ status }) => status)],
  day: [date, rows.map(({ day }) => day)],
  x: [double, rows.map(({ x }) => x)],
  v: [int32, rows.map(({ v }) => v)],
});

const expected = (keys: readonly Key[], times = 1): string[] => {
  const groups = new Map<string, { key: Value[]; n: bigint; sum: bigint }>();
  for (const row of rows) {
    const key = keys.map((name) => (row[name] === 0 ? 0 : row[name]));
    const group = groups.get(JSON.stringify(key)) ?? { key, n: 0n, sum: 0n };
    groups.set(JSON.stringify(key), { key, n: group.n + 1n, sum: group.sum + BigInt(row.v) });
  }
  return sorted([...groups.values()].map(({ key, n, sum }) => [...key, n * BigInt(times), sum * BigInt(times)]));
};

const calls = (plan: ReturnType<typeof scan>) => ({
  n: call("countStar", int64, []),
  sum: call("sum", hugeint, [col(plan, "v")]),
});

const modes: RunOptions[] = [1, 2, 4].flatMap((threads) =>
  [1, 7, 100].map((batchRows) => ({ threads, batchRows, dictionaries: "chunks" as const })),
);

describe.each(modes)("groups by codes, $threads threads, batches of $batchRows", (options) => {
  const cases: Key[][] = [["status"], ["flag"], ["flag", "status"], ["flag", "day", "status"], ["x", "day"]];
  it.each(cases)("of %s %s %s, dictionaries changing and giving way to plain values", (...keys) => {
    const t = scan(table);
    const groups = Object.fromEntries(keys.filter(Boolean).map((key) => [key, col(t, key)]));
    expect(sorted(runPlan(aggregate(t, groups, calls(t)), [table], options).rows)).toEqual(
      expected(keys.filter(Boolean)),
    );
  });

  it("of an expression, and of a column that passes a projection and is an argument too", () => {
    const t = scan(table);
    const passed = project(t, { x: col(t, "x"), flag: col(t, "flag") });
    const x = col(passed, "x");
    const twice: Arithmetic = { kind: "arithmetic", op: "add", left: x, right: x, type: double, nullable: true };
    const flag = col(passed, "flag");
    const plan = aggregate(
      passed,
      { twice, flag },
      { last: call("max", varchar, [flag]), n: call("countStar", int64, []) },
    );
    const counts = new Map<string, Value[]>();
    for (const { x, flag } of rows) {
      const twice = x === null ? null : x + x === 0 ? 0 : x + x;
      const key = JSON.stringify([twice, flag]);
      const count = (counts.get(key)?.[3] ?? 0n) as bigint;
      counts.set(key, [twice, flag, flag, count + 1n]);
    }
    const result = runPlan(plan, [table], options).rows;
    expect(sorted(result)).toEqual(sorted([...counts.values()]));
  });

  it("keeps the dictionaries of pipelines that feed the same groups apart", () => {
    const [a, b] = [scan(table), scan(table)];
    const swapped = project(b, { flag: col(b, "status"), status: col(b, "flag"), v: col(b, "v") });
    const first = project(a, { flag: col(a, "flag"), status: col(a, "status"), v: col(a, "v") });
    const both = unionAll(first, swapped);
    const plan = aggregate(
      both,
      { flag: col(both, "flag"), status: col(both, "status") },
      { n: call("countStar", int64, []) },
    );
    const result = runPlan(plan, [table], options).rows as [string | null, string | null, bigint][];
    const one = runPlan(
      aggregate(a, { flag: col(a, "flag"), status: col(a, "status") }, { n: call("countStar", int64, []) }),
      [table],
    ).rows;
    expect(sorted(result)).toEqual(sorted([...one, ...one.map(([flag, status, n]) => [status!, flag!, n!])]));
  });
});

describe.each([1, 2, 4])("many values in dictionaries, %i threads", (threads) => {
  // 300 · 400 codes are more than an array is kept for; the second chunk has others than the first one.
  it.each([
    [60, 60],
    [300, 400],
    [250, 300],
  ])("%i and %i", (as, bs) => {
    const size = 30_000;
    const a = Array.from({ length: size }, (_, i) => (i * 7919) % as);
    const b = Array.from({ length: size }, (_, i) => `text ${Math.floor(i / as) % bs}`);
    const wide = testTable("wide", { a: [int32, a], b: [varchar, b] });
    const t = scan(wide);
    const plan = aggregate(t, { a: col(t, "a"), b: col(t, "b") }, { n: call("countStar", int64, []) });
    const counts = new Map<string, [number, string, bigint]>();
    a.forEach((key, i) => {
      const group = counts.get(`${key} ${b[i]}`);
      counts.set(`${key} ${b[i]}`, [key, b[i]!, (group?.[2] ?? 0n) + 1n]);
    });
    const result = runPlan(plan, [wide], { threads, batchRows: 4096, dictionaries: "chunks" }).rows;
    expect(sorted(result)).toEqual(sorted([...counts.values()]));
  });
});
