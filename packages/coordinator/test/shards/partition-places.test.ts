import { describe, expect, test } from "vitest";
import type { ClusterNode, NodeId } from "../../src/placement/cluster-node.ts";
import { ownersOf } from "../../src/placement/owners.ts";
import type { ClusterShard } from "../../src/shards/merge-listings.ts";
import { mergeManifest } from "../../src/shards/merge-manifests.ts";
import { placeShards } from "../../src/shards/place-shards.ts";
import { planMoves } from "../../src/shards/plan-moves.ts";
import type { ManifestShard, TableManifest } from "../../src/shards/table-manifest.ts";
import { random } from "../random.ts";

const nodesOf = (count: number, weight = (_: number): number => 1): ClusterNode[] =>
  Array.from({ length: count }, (_, i) => ({ nodeId: `node-${i}`, weight: weight(i) }));

interface Placed extends Pick<ManifestShard, "name" | "identity" | "sizeBytes"> {
  readonly partition: string;
}

/** Shards of these values, one each, in any order, of any size, and with any names. */
const shardsOf = (values: readonly number[], seed: number): readonly Placed[] => {
  const { next, below } = random(seed);
  return values
    .map((value) => ({ value, place: next() }))
    .sort((a, b) => a.place - b.place)
    .map(({ value }, i) => ({
      name: `${seed}-${i}.parquet`,
      identity: `${below(1e9)}`,
      sizeBytes: 1 + below(10_000),
      partition: `integer ${value}`,
    }));
};
const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

describe("shards of partitions", () => {
  test("200 seeds: of all tables those of one value are on the same nodes, whatever else the tables have", () => {
    for (let seed = 1; seed <= 200; seed++) {
      const { below, chance } = random(seed);
      const nodes = nodesOf(1 + below(9), () => 1 + below(4));
      const copies = 1 + below(3);
      const homes = new Map<string, readonly NodeId[]>();
      for (let table = 0; table < 3; table++) {
        const values = upTo(40).filter(() => chance(0.7));
        const shards = shardsOf(values, seed * 10 + table);
        const present = new Map(shards.filter(() => chance(0.2)).map(({ name }) => [name, [nodes[0]!.nodeId]]));
        for (const [name, found] of placeShards(`t${table}`, shards, nodes.toReversed(), copies, present)) {
          const { partition } = shards.find((shard) => shard.name === name)!;
          expect(found).toEqual(homes.get(partition) ?? found);
          expect(new Set(found).size).toBe(Math.min(copies, nodes.length));
          homes.set(partition, found);
        }
      }
    }
  });

  test("are as even as values hash, by the nodes' weights", () => {
    const nodes = [...nodesOf(4), { nodeId: "big", weight: 2 }];
    const counts = new Map<NodeId, number>();
    for (const homes of placeShards("t", shardsOf(upTo(3000), 1), nodes, 1).values())
      for (const nodeId of homes) counts.set(nodeId, (counts.get(nodeId) ?? 0) + 1);
    for (const { nodeId, weight } of nodes) expect(Math.abs(counts.get(nodeId)! / weight / 500 - 1)).toBeLessThan(0.15);
  });

  test("files without rows are placed as they are without partitions", () => {
    const [empty] = [{ name: "empty", identity: "1", sizeBytes: 100 }];
    const shards = shardsOf(upTo(5), 1);
    const places = placeShards("t", [...shards, empty!], nodesOf(3), 2);
    expect(places.get("empty")).toEqual(placeShards("t", [empty!], nodesOf(3), 2).get("empty"));
    expect(places.size).toBe(6);
  });

  test("200 seeds: whoever comes and goes, they end where their values belong, with no fewer copies on the way", () => {
    for (let seed = 1; seed <= 200; seed++) {
      const { below, chance } = random(seed);
      const shards = shardsOf(upTo(1 + below(20)), seed);
      const copies = 1 + below(3);
      const all = nodesOf(7, () => 1 + below(3));
      // Also from where nobody would have put them.
      const holdings = new Map(shards.map(({ name }) => [name, [all[below(7)]!.nodeId]]));
      for (let change = 0; change < 3; change++) {
        const chosen = all.filter(() => chance(0.6));
        const among = (nodes: readonly ClusterNode[]) => (id: NodeId) => nodes.some(({ nodeId }) => nodeId === id);
        const isWhole = [...holdings.values()].every((holders) => holders.some(among(chosen)));
        const kept = isWhole ? chosen : all;
        const planned = (nodes: readonly ClusterNode[]) =>
          planMoves(
            [
              {
                name: "t",
                copies,
                shards: shards.map((shard): ClusterShard => {
                  const { name, partition } = shard;
                  return { entry: shard as unknown as ClusterShard["entry"], holders: holdings.get(name)!, partition };
                }),
                missing: [],
                problem: undefined,
              },
            ],
            nodes,
          );
        for (let rounds = 0; ; rounds++) {
          const plan = planned(kept);
          expect(planned(kept.toReversed())).toEqual(plan);
          if (plan.copies.length + plan.drops.length === 0) break;
          expect(rounds).toBeLessThan(100);
          for (const { name, from, to } of plan.copies) {
            expect(holdings.get(name)).toContain(from);
            expect(holdings.get(name)).not.toContain(to);
            if (chance(0.7)) holdings.set(name, [...holdings.get(name)!, to]);
          }
          for (const { name, from, keepers } of plan.drops) {
            expect(keepers).toHaveLength(Math.min(copies, kept.length));
            expect(keepers).not.toContain(from);
            for (const keeper of keepers) expect(holdings.get(name)).toContain(keeper);
            const others = holdings.get(name)!.filter((nodeId) => nodeId !== from);
            if (chance(0.7)) holdings.set(name, others);
          }
        }
        for (const { name, partition } of shards) {
          const there = holdings.get(name)!.filter(among(kept));
          expect(there.toSorted()).toEqual(ownersOf(partition, kept, copies).toSorted());
        }
      }
    }
  });

  test("manifests that disagree about partitions merge to one, in whatever order they meet", () => {
    const shard = { name: "a", sizeBytes: 1, sha256: "s", identity: "i", rowCount: 1 };
    const plain: TableManifest = { table: "t", tableId: "first", createdAt: 0, copies: 2, shards: [shard] };
    const byK: TableManifest = { ...plain, partitionedBy: "k", shards: [{ ...shard, partition: "integer 1" }] };
    const byL: TableManifest = { ...plain, partitionedBy: "l", shards: [{ ...shard, partition: "integer 9" }] };
    const orders = [
      [plain, byK, byL],
      [byL, byK, plain],
      [byK, plain, byL],
    ].map((manifests) => manifests.reduce(mergeManifest));
    for (const merged of orders) expect(merged).toEqual({ ...byK, shards: byL.shards });
    expect(mergeManifest(byK, plain)).toBe(byK);
  });
});
