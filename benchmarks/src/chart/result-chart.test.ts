import { describe, expect, it } from "vitest";
import { exampleResult } from "../results/example-result.ts";
import { resultChart } from "./result-chart.ts";
import { ticks } from "./ticks.ts";

describe("ticks", () => {
  it.each([
    [590, [0, 200, 400, 600]],
    [100, [0, 20, 40, 60, 80, 100]],
    [0.3, [0, 0.1, 0.2, 0.3]],
    [7, [0, 2, 4, 6, 8]],
    [0, [0, 1]],
  ])("reach %d in round steps", (largest, steps) => expect(ticks(largest)).toEqual(steps));
});

const heights = (svg: string, engine: string): number[] =>
  [...svg.matchAll(new RegExp(`<rect class="${engine}" [^>]*height="([\\d.]+)"><title>`, "g"))].map(([, height]) =>
    Number(height),
  );

describe("resultChart", () => {
  const svg = resultChart(
    exampleResult({ Q1: { headcut: [50, 50, 900], duckdb: [100] }, "Q<2>": { headcut: [25], duckdb: [75] } }),
  );

  it("draws bars as high as the medians", () => {
    const [first, second] = heights(svg, "headcut");
    expect(first! / second!).toBeCloseTo(2, 1);
    expect(heights(svg, "duckdb")[0]! / first!).toBeCloseTo(2, 1);
  });

  it("says what was measured where", () => {
    expect(svg).toContain("commit 0123456789ab, DuckDB v1.5.6, Node v20.20.2");
    expect(svg).toContain("TPC-H at scale factor 1: milliseconds");
    expect(svg).toContain("geomean 35.4 ms, total 75.0 ms");
  });

  it("escapes names", () => {
    expect(svg).not.toContain("Q<2>");
    expect(svg).toContain("Q&#60;2&#62;");
  });

  it("follows the reader's mode", () => expect(svg).toContain("prefers-color-scheme: dark"));

  it("draws a result without times", () => expect(resultChart(exampleResult({ Q1: {} }))).toContain("</svg>"));
});
