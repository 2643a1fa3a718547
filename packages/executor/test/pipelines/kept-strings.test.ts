import { int32, type PhysicalPlan, type Value, varchar } from "@headcut/plan";
import { describe, expect, it } from "vitest";
import { col, join, scan, sort, testTable, withCte } from "./plan-builder.ts";
import { type RunOptions, runPlan } from "./run-plan.ts";

const texts: Value[] = ["A", "", null, "Ärger", "a string of more than sixteen bytes", "N"];
const rows = Array.from({ length: 500 }, (_, i): Value[] => [i, texts[(i * 7) % 6]!, `of ${texts[(i * 5) % 4]}`]);
const table = testTable("rows", {
  k: [int32, rows.map(([k]) => k!)],
  a: [varchar, rows.map(([, a]) => a!)],
  b: [varchar, rows.map(([, , b]) => b!), false],
});
const keys = testTable("keys", { k: [int32, rows.map(([k]) => k!)] });

const sorted = (found: readonly (readonly Value[])[]): Value[][] =>
  found.map((row) => [...row]).sort(([a], [b]) => Number(a) - Number(b));

const modes: RunOptions[] = [1, 2, 4].flatMap((threads) =>
  [1, 7, 100].flatMap((batchRows) =>
    (["text", "chunks"] as const).map((dictionaries) => ({ threads, batchRows, dictionaries })),
  ),
);

describe.each(modes)("strings kept once, $threads threads, batches of $batchRows, $dictionaries", (options) => {
  const run = (plan: PhysicalPlan): Value[][] => sorted(runPlan(plan, [table, keys], options).rows);

  it("by a join's build side", () => {
    const [build, probe] = [scan(table), scan(keys)];
    const plan = join("inner", build, probe, [{ build: col(build, "k"), probe: col(probe, "k"), nullSafe: false }]);
    expect(run(plan)).toEqual(rows.map(([k, a, b]) => [k, k, a, b]));
  });

  it("by a CTE, and by a sort", () => {
    expect(run(withCte(scan(table), (read) => read()))).toEqual(rows);
    const t = scan(table);
    const byText = sort(t, [{ expression: col(t, "a"), descending: false, nullsFirst: true }]);
    expect(run(byText)).toEqual(rows);
  });
});
