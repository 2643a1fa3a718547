import { expect, test } from "vitest";
import { parseMetrics } from "./node-metrics.ts";

test("reads names, labels and values, and nothing else", () => {
  const text = '# TYPE headcut_a gauge\nheadcut_a 2\nheadcut_b{table="x y"} 1.5e+9\n';
  expect([...parseMetrics(text)]).toEqual([
    ["a", 2],
    ['b{table="x y"}', 1.5e9],
  ]);
  expect(() => parseMetrics("<html>")).toThrow("no metric");
});
