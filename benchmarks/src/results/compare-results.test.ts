import { describe, expect, it } from "vitest";
import { compareResults } from "./compare-results.ts";
import { exampleResult } from "./example-result.ts";

const before = exampleResult({
  Q1: { headcut: [100, 110, 900], duckdb: [50, 50, 50] },
  Q6: { headcut: [40, 20, 30], duckdb: [10, 10, 10] },
  Q9: { headcut: [1] },
});
const after = exampleResult({
  Q6: { headcut: [60, 60, 60], duckdb: [10, 10, 10] },
  Q1: { headcut: [55, 55, 55], duckdb: [100, 100, 100] },
  Q10: { headcut: [1] },
});

describe("compareResults", () => {
  it("divides medians query by query, whatever their order", () => {
    const { queries, geomeanRatio } = compareResults(before, after);
    expect(queries).toEqual([
      { name: "Q1", beforeMs: 110, afterMs: 55, ratio: 0.5 },
      { name: "Q6", beforeMs: 30, afterMs: 60, ratio: 2 },
    ]);
    expect(geomeanRatio).toBeCloseTo(1, 12);
  });

  it("compares another engine's times", () => {
    expect(compareResults(before, after, "duckdb").queries.map(({ ratio }) => ratio)).toEqual([2, 1]);
  });

  it("names queries of one result alone", () => {
    expect(compareResults(before, after).unmatched).toEqual(["Q9", "Q10"]);
  });

  it("leaves out queries that the engine did not run", () => {
    expect(compareResults(before, after, "duckdb-native").queries).toEqual([]);
  });

  it("says what else differs", () => {
    expect(compareResults(before, before).differences).toEqual([]);
    const other = { ...after, options: { ...after.options, threads: 1, cache: true } };
    expect(compareResults(before, other).differences).toEqual(["threads: 2 against 1", "cache: off against on"]);
  });
});
