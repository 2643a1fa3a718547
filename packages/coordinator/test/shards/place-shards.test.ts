import { describe, expect, test } from "vitest";
import { placeShards } from "../../src/shards/place-shards.ts";

const nodes = (count: number, weight = 1) => Array.from({ length: count }, (_, i) => ({ nodeId: `node-${i}`, weight }));
const shards = (count: number, size = (_: number): number => 1000) =>
  Array.from({ length: count }, (_, i) => ({ name: `part-${i}.parquet`, identity: `${i}`, sizeBytes: size(i) }));

const loadsOf = (
  places: ReadonlyMap<string, readonly string[]>,
  all: ReturnType<typeof shards>,
): Map<string, number> => {
  const loads = new Map<string, number>();
  for (const { name, sizeBytes } of all) {
    for (const nodeId of places.get(name)!) loads.set(nodeId, (loads.get(nodeId) ?? 0) + sizeBytes);
  }
  return loads;
};

describe("placing shards", () => {
  test.each([
    [12, 3],
    [30, 5],
    [100, 10],
  ])("%i shards on %i nodes: two homes each, bytes nearly even", (count, nodeCount) => {
    const all = shards(count, (i) => 800 + ((i * 7919) % 400));
    const places = placeShards("t", all, nodes(nodeCount), 2);
    for (const homes of places.values()) expect(new Set(homes).size).toBe(2);
    const loads = loadsOf(places, all);
    const share = [...loads.values()].reduce((a, b) => a + b) / nodeCount;
    for (const load of loads.values()) expect(Math.abs(load / share - 1)).toBeLessThan(0.12);
  });

  test("equal shards are spread evenly to the last", () => {
    for (let seed = 0; seed < 50; seed++) {
      const all = shards(9).map((shard) => ({ ...shard, identity: `${seed} ${shard.name}` }));
      expect([...loadsOf(placeShards("t", all, nodes(3), 2), all).values()]).toEqual([6000, 6000, 6000]);
    }
  });

  test("tables with as many equal shards have those of one number together; new copies join them", () => {
    const orders = shards(12, (i) => 1000 + i);
    const lines = shards(12, (i) => 4000 - 3 * i).map((shard, i) => ({ ...shard, name: `lines-${100 + i}` }));
    const named = orders.map((shard, i) => ({ ...shard, name: `orders-${100 + i}` }));
    const [a, b] = [placeShards("orders", named, nodes(5), 2), placeShards("lines", lines, nodes(5), 2)];
    expect([...a.values()]).toEqual([...b.values()]);
    const sizes = loadsOf(
      a,
      named.map((shard) => ({ ...shard, sizeBytes: 1 })),
    );
    expect(Math.max(...sizes.values()) - Math.min(...sizes.values())).toBeLessThanOrEqual(1);
  });

  test("small tables differ in where they go", () => {
    const firsts = new Set(
      Array.from({ length: 20 }, (_, i) => placeShards(`t${i}`, shards(1), nodes(4), 1).get("part-0.parquet")![0]),
    );
    expect(firsts.size).toBeGreaterThan(2);
  });

  test("are the same whatever the order, and follow weights", () => {
    const all = shards(60);
    const weighted = [...nodes(2), { nodeId: "big", weight: 2 }];
    const places = placeShards("t", all, weighted, 1);
    expect(placeShards("t", all.toReversed(), weighted.toReversed(), 1)).toEqual(
      new Map(all.toReversed().map(({ name }) => [name, places.get(name)!])),
    );
    expect(loadsOf(places, all).get("big")! / 60_000).toBeCloseTo(0.5, 1);
  });

  test("copies that are there stay; there are no more copies than nodes", () => {
    const present = new Map([["part-0.parquet", ["node-2", "gone"]]]);
    expect(placeShards("t", shards(1), nodes(3), 1, present).get("part-0.parquet")).toEqual(["node-2"]);
    expect(placeShards("t", shards(1), nodes(2), 3).get("part-0.parquet")).toHaveLength(2);
    expect(placeShards("t", [], nodes(2), 3).size).toBe(0);
    expect(
      placeShards(
        "t",
        shards(1, () => 0),
        nodes(2),
        2,
      ).get("part-0.parquet"),
    ).toHaveLength(2);
  });
});
