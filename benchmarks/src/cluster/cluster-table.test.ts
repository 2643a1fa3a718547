import { expect, test } from "vitest";
import { clusterRow, clusterTitles, clusterTotal } from "./cluster-table.ts";
import type { ClusterCost } from "./measure-cluster.ts";
import { cpuSeconds, runSeconds } from "./process-cpu.ts";

const cost = (name: string, factor: number): ClusterCost => ({
  name,
  embedded: { ms: 10 * factor, cpuMs: 20 * factor },
  cluster: { ms: 12 * factor, cpuMs: 25 * factor },
  bytes: 2048 * factor,
  tasks: factor,
});

test("sums everything, and the ratio is that of the sums", () => {
  const total = clusterTotal([cost("Q1", 1), cost("Q2", 3)]);
  expect(total).toEqual({ ...cost("total", 4) });
  expect(clusterRow(total).split(/\s+/)).toEqual(["total", "40.0", "48.0", "80.0", "100", "1.25", "8", "4"]);
  expect(clusterTitles).toMatch(/embedded CPU ms\s+cluster CPU ms\s+ratio/);
});

test("reads the time on processors, not that of waiting", () => {
  expect(runSeconds("1500000000 77 3\n")).toBe(1.5);
  expect(runSeconds("")).toBeNaN();
});

test.runIf(process.platform === "linux")("time passes for a process that works", async () => {
  const before = await cpuSeconds(process.pid);
  for (const end = performance.now() + 20; performance.now() < end; );
  expect(await cpuSeconds(process.pid)).toBeGreaterThan(before);
});
