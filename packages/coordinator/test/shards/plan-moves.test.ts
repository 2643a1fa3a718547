import { describe, expect, test } from "vitest";
import type { ClusterNode, NodeId } from "../../src/placement/cluster-node.ts";
import type { ShardedTable } from "../../src/shards/merge-listings.ts";
import { placeShards } from "../../src/shards/place-shards.ts";
import { planMoves } from "../../src/shards/plan-moves.ts";
import type { ShardEntry } from "../../src/shards/shard-entry.ts";
import type { ShardMoves } from "../../src/shards/shard-moves.ts";
import { random as seeded } from "../random.ts";

/** Holders by shard. */
type Holdings = Map<string, readonly NodeId[]>;

interface Placed {
  readonly name: string;
  readonly identity: string;
  readonly sizeBytes: number;
}

const nodesOf = (count: number, weight = (_: number): number => 1): ClusterNode[] =>
  Array.from({ length: count }, (_, i) => ({ nodeId: `node-${i}`, weight: weight(i) }));
const shardsOf = (count: number, size = (_: number): number => 1000): Placed[] =>
  Array.from({ length: count }, (_, i) => ({ name: `part-${i}`, identity: `id-${i}`, sizeBytes: size(i) }));

const tableOf = (shards: readonly Placed[], holdings: Holdings, copies: number, name = "t"): ShardedTable => ({
  name,
  copies,
  shards: shards.map((shard) => ({ entry: shard as ShardEntry, holders: holdings.get(shard.name)! })),
  missing: [],
  problem: undefined,
});

/** Carries out a plan in whatever order, and only a part of it, as nodes do that work at once and fail. */
const carryOut = (holdings: Holdings, { copies, drops }: ShardMoves, isDone: () => boolean): void => {
  for (const { name, from, to } of copies) {
    expect(holdings.get(name)).toContain(from);
    expect(holdings.get(name)).not.toContain(to);
    if (isDone()) holdings.set(name, [...holdings.get(name)!, to]);
  }
  for (const { name, from, keepers } of drops) {
    expect(keepers).not.toContain(from);
    for (const keeper of keepers) expect(holdings.get(name)).toContain(keeper);
    if (!isDone()) continue;
    holdings.set(
      name,
      holdings.get(name)!.filter((nodeId) => nodeId !== from),
    );
  }
};

const settle = (
  shards: readonly Placed[],
  holdings: Holdings,
  copies: number,
  living: readonly ClusterNode[],
  isDone = () => true,
): { readonly copied: number; readonly bytes: number } => {
  const sizes = new Map(shards.map(({ name, sizeBytes }) => [name, sizeBytes]));
  let [copied, bytes] = [0, 0];
  for (let round = 0; round < 200; round++) {
    const plan = planMoves([tableOf(shards, holdings, copies)], living);
    if (plan.copies.length + plan.drops.length === 0) return { copied, bytes };
    const before = new Map(holdings);
    carryOut(holdings, plan, isDone);
    for (const [name, holders] of holdings) {
      const ids = new Set(living.map(({ nodeId }) => nodeId));
      const [was, is] = [before.get(name)!, holders].map((all) => all.filter((nodeId) => ids.has(nodeId)).length);
      expect(is).toBeGreaterThanOrEqual(Math.min(was!, copies, living.length));
      const more = holders.filter((nodeId) => !before.get(name)!.includes(nodeId)).length;
      copied += more;
      bytes += more * sizes.get(name)!;
    }
  }
  throw new Error("it does not come to rest");
};

const loadsOf = (shards: readonly Placed[], holdings: Holdings): Map<NodeId, number> => {
  const loads = new Map<NodeId, number>();
  for (const { name, sizeBytes } of shards) {
    for (const nodeId of holdings.get(name)!) loads.set(nodeId, (loads.get(nodeId) ?? 0) + sizeBytes);
  }
  return loads;
};

const loaded = (shards: readonly Placed[], nodes: readonly ClusterNode[], copies = 2): Holdings =>
  new Map(placeShards("t", shards, nodes, copies));

describe("planning moves", () => {
  test.each([
    [12, 3],
    [100, 3],
    [1000, 9],
  ])("%i shards, a node joins %i: it gets its share, and nothing else moves", (count, before) => {
    const shards = shardsOf(count);
    const holdings = loaded(shards, nodesOf(before));
    expect(planMoves([tableOf(shards, holdings, 2)], nodesOf(before))).toEqual({ copies: [], drops: [] });
    const { copied } = settle(shards, holdings, 2, nodesOf(before + 1));
    const share = (2 * count) / (before + 1);
    expect(copied).toBeLessThanOrEqual(share + 1);
    const loads = loadsOf(shards, holdings);
    for (const load of loads.values()) expect(Math.abs(load / 1000 / share - 1)).toBeLessThan(0.25);
    expect(loads.get(`node-${before}`)! / 1000).toBeGreaterThan(0.9 * share - 1);
  });

  test("a node is gone: what it held is copied, and nothing else moves", () => {
    const shards = shardsOf(100);
    const holdings = loaded(shards, nodesOf(5));
    const held = [...holdings.values()].filter((holders) => holders.includes("node-2")).length;
    const living = nodesOf(5).filter(({ nodeId }) => nodeId !== "node-2");
    expect(settle(shards, holdings, 2, living).copied).toBe(held);
  });

  test("tables with as many equal shards keep those of one number together", () => {
    const [orders, lines] = [shardsOf(24), shardsOf(24, () => 4000)];
    const [a, b] = [loaded(orders, nodesOf(3)), loaded(lines, nodesOf(3))];
    settle(orders, a, 2, nodesOf(4));
    settle(lines, b, 2, nodesOf(4));
    expect([...a.values()].map((holders) => holders.toSorted())).toEqual(
      [...b.values()].map((holders) => holders.toSorted()),
    );
  });

  test("found files, tables that are everywhere, and shards that only lost nodes have are left alone", () => {
    const shards = shardsOf(8);
    const everywhere = loaded(shards, nodesOf(3), 3);
    expect(planMoves([tableOf(shards, everywhere, 3)], nodesOf(4))).toEqual({ copies: [], drops: [] });
    const found = { ...tableOf(shards, loaded(shards, nodesOf(1), 1), 1), copies: undefined };
    expect(planMoves([found], nodesOf(3))).toEqual({ copies: [], drops: [] });
    const lost: Holdings = new Map(shards.map(({ name }) => [name, ["gone"]]));
    expect(planMoves([tableOf(shards, lost, 2)], nodesOf(3))).toEqual({ copies: [], drops: [] });
  });

  test("500 seeds: whatever comes and goes, and however little of a plan is done, it comes to rest with all copies there", () => {
    for (let seed = 0; seed < 500; seed++) {
      const { next: draw } = seeded(seed);
      const upTo = (n: number): number => 1 + Math.floor(draw() * n);
      const shards = shardsOf(upTo(40), draw() < 0.5 ? undefined : () => upTo(10_000));
      const copies = upTo(3);
      const all = nodesOf(7, () => upTo(3));
      let living = all.slice(0, upTo(5));
      const holdings = loaded(shards, living, copies);
      for (let change = 0; change < 4; change++) {
        const next = all.filter(() => draw() < 0.6);
        // As many as there are copies may not go at once.
        const kept =
          living.filter((node) => !next.includes(node)).length < copies ? next : [...new Set([...living, ...next])];
        if (kept.length > 0) living = kept;
        settle(shards, holdings, copies, living, () => draw() < 0.7);
        const ids = new Set(living.map(({ nodeId }) => nodeId));
        for (const holders of holdings.values()) {
          const there = holders.filter((nodeId) => ids.has(nodeId)).length;
          if (there > 0) expect(there, `seed ${seed}`).toBe(Math.min(copies, living.length));
        }
        // Every node finds the same.
        const [a, b] = [living, living.toReversed()].map((nodes) =>
          planMoves([tableOf(shards, holdings, copies)], nodes),
        );
        expect(a).toEqual(b);
      }
    }
  });
});
