import { cast, compare, constant, type Expression, int32, int64, type PhysicalPlan } from "@headcut/plan";
import { describe, expect, it } from "vitest";
import { compileQuery } from "../../src/pipelines/compile-query.ts";
import { col, scan, testTable } from "./plan-builder.ts";
import { runPlan } from "./run-plan.ts";

const table = testTable("t", {
  a: [int32, [1, 2, 3, 4, null, 6], true],
  b: [int64, [6n, 5n, 4n, 3n, 2n, 1n]],
});

const int = (value: number): Expression => constant(int32, value);
const long = (value: bigint): Expression => constant(int64, value);

const functionsOf = (plan: PhysicalPlan): number => {
  const { source } = compileQuery(plan, []).pipelines[0]!;
  return source.kind === "scan" ? source.filters.length : 0;
};

describe("filters of a scan", () => {
  it("neighbours on one column become one function", () => {
    const plan = scan(table, (t) => [
      compare("ge", col(t, "a"), int(2)),
      compare("le", col(t, "a"), int(4)),
      compare("ne", col(t, "b"), long(4n)),
    ]);
    expect(functionsOf(plan)).toBe(2);
    expect(runPlan(plan, [table]).rows).toEqual([
      [2, 5n],
      [4, 3n],
    ]);
  });

  it("what may fail stays apart: only rows that passed what comes before are shown to it", () => {
    const plan = scan(table, (t) => [
      compare("ge", col(t, "b"), long(3n)),
      compare("eq", cast(col(t, "b"), int32), int(5)),
      compare("le", col(t, "b"), long(5n)),
    ]);
    expect(functionsOf(plan)).toBe(3);
    expect(runPlan(plan, [table]).rows).toEqual([[2, 5n]]);
  });
});
