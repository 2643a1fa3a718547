import { describe, expect, it } from "vitest";
import { exampleResult } from "./example-result.ts";
import { medianMs, summarize } from "./summary.ts";

const result = exampleResult({
  Q1: { headcut: [30, 10, 20], duckdb: [100] },
  Q2: { headcut: [80, 80, 70], duckdb: [100] },
  Q3: { duckdb: [100] },
});

describe("summarize", () => {
  it("takes the medians of the queries that the engine ran", () => {
    const { geomeanMs, totalMs } = summarize(result, "headcut");
    expect(geomeanMs).toBeCloseTo(40, 10);
    expect(totalMs).toBe(100);
    expect(summarize(result, "duckdb").totalMs).toBe(300);
  });

  it("knows no median of a query that was not run", () => {
    expect(medianMs(result.queries[2]!, "headcut")).toBeUndefined();
    expect(medianMs({ ...result.queries[0]!, ms: { headcut: [] } }, "headcut")).toBeUndefined();
  });
});
