import { describe, expect, it } from "vitest";
import { exampleResult } from "../results/example-result.ts";
import { type Goal, geomeanRatio, isReached, worstRatio } from "./goal.ts";

const result = exampleResult({
  Q1: { headcut: [50], duckdb: [100] },
  Q2: { headcut: [30], duckdb: [15] },
  Q3: { headcut: [10] },
});

describe("goals", () => {
  it("compare geometric means", () => {
    expect(geomeanRatio({ ...result, queries: result.queries.slice(0, 2) }, "duckdb")).toBeCloseTo(1, 10);
  });

  it("name the worst query of all results", () => {
    expect(worstRatio([result], "duckdb")).toEqual({ name: "Q2 of tpch-sf1, headcut", ratio: 2 });
    expect(worstRatio([result], "duckdb-native")).toBeUndefined();
  });

  it("are reached at the bound, and unknown when nothing was measured", () => {
    const goal: Goal = { name: "", wanted: 0.5, bound: "at most", unit: "", measured: 0.5 };
    expect(isReached(goal)).toBe(true);
    expect(isReached({ ...goal, measured: 0.51 })).toBe(false);
    expect(isReached({ ...goal, bound: "at least", measured: 0.49 })).toBe(false);
    expect(isReached({ ...goal, measured: undefined })).toBeUndefined();
  });
});
