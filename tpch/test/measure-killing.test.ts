import { describe, expect, it } from "vitest";
import type { EngineNodes } from "../src/runner/engine.ts";
import { measureKilling, randomFractions } from "../src/runner/measure-killing.ts";

const recordedNodes = (count: number): EngineNodes & { readonly events: string[] } => {
  const events: string[] = [];
  return {
    events,
    count,
    threadsPerNode: 1,
    kill: async (node) => void events.push(`kill ${node}`),
    restart: async (node) => void events.push(`restart ${node}`),
  };
};

const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const answer = { columns: ["a"], rows: [[1]] };

describe("a run with a node killed", () => {
  it("draws the same numbers for a seed, from 0 up to 1", () => {
    const draw = (seed: number): number[] => Array.from({ length: 500 }, randomFractions(seed));
    expect(draw(3)).toEqual(draw(3));
    expect(draw(3)).not.toEqual(draw(4));
    for (const fraction of draw(5)) expect(fraction >= 0 && fraction < 1).toBe(true);
    const mean = draw(6).reduce((sum, fraction) => sum + fraction) / 500;
    expect(mean).toBeGreaterThan(0.45);
    expect(mean).toBeLessThan(0.55);
  });

  it("kills one node while the query runs, and starts it again", async () => {
    const nodes = recordedNodes(3);
    const run = await measureKilling(() => after(60).then(() => answer), nodes, 20, randomFractions(1));
    expect(nodes.events).toEqual([`kill ${run.node - 1}`, `restart ${run.node - 1}`]);
    expect(run.answer).toBe(answer);
    expect(run.afterMs).toBeLessThan(20);
    expect(run.elapsedMs).toBeGreaterThanOrEqual(run.afterMs);
  });

  it("hits every node sooner or later", async () => {
    const nodes = recordedNodes(3);
    const random = randomFractions(2);
    for (let i = 0; i < 20; i++) await measureKilling(() => after(5).then(() => answer), nodes, 1, random);
    expect(new Set(nodes.events).size).toBe(6);
  });

  it("tries earlier when the query was done before its moment", async () => {
    const nodes = recordedNodes(2);
    let asked = 0;
    const query = async () => {
      asked++;
      await after(3);
      return answer;
    };
    await measureKilling(query, nodes, 1000, () => 0.9);
    expect(asked).toBeGreaterThan(3);
    expect(nodes.events).toEqual(["kill 1", "restart 1"]);
  });

  it("starts the node again when the query fails", async () => {
    const nodes = recordedNodes(2);
    const query = () => after(30).then(() => Promise.reject(new Error("no node left")));
    await expect(measureKilling(query, nodes, 10, () => 0.5)).rejects.toThrow("no node left");
    expect(nodes.events).toEqual(["kill 1", "restart 1"]);
  });
});
