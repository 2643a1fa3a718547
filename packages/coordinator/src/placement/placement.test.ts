import { describe, expect, test } from "vitest";
import { type Assignment, assignSplits } from "./assign.ts";
import type { ClusterNode, NodeId } from "./cluster-node.ts";
import { ownersOf, rankNodes } from "./owners.ts";
import { describeSplit, type Reach, type RowGroupLayout, type Split, splitFile, splitKey } from "./split.ts";
import { asFraction, hashText } from "./string-hash.ts";

const MIB = 1024 * 1024;
const nodesNamed = (prefix: string, count: number, weight = 1): ClusterNode[] =>
  Array.from({ length: count }, (_, i) => ({ nodeId: `${prefix}-${i}`, weight }));
const keys = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}/part-${i}.parquet`);

const shard = (name: string, bytes = 8 * MIB, reach: Reach = { kind: "anywhere" }): Split => ({
  file: { path: name, sizeBytes: bytes, rowCount: 1000, identity: "v1" },
  firstRowGroup: 0,
  rowGroupCount: 1,
  byteOffset: 4,
  byteLength: bytes,
  rowCount: 1000,
  reach,
});

const bytesOf = (assignments: readonly Assignment[]): Map<NodeId, number> => {
  const sums = new Map<NodeId, number>();
  for (const { nodeId, split } of assignments) sums.set(nodeId, (sums.get(nodeId) ?? 0) + split.byteLength);
  return sums;
};

describe("owners", () => {
  test("are the same whatever the order of the nodes, and distinct", () => {
    const nodes = nodesNamed("node", 7, 3);
    for (const key of keys("s3://lake/t", 300)) {
      const owners = ownersOf(key, nodes);
      expect(new Set(owners).size).toBe(2);
      expect(ownersOf(key, [...nodes].reverse())).toEqual(owners);
      expect(ownersOf(key, [...nodes.slice(3), ...nodes.slice(0, 3)])).toEqual(owners);
      expect(ownersOf(key, nodes, 1)).toEqual(owners.slice(0, 1));
    }
    expect(ownersOf("k", nodes.slice(0, 1))).toEqual(["node-0"]);
    expect(ownersOf("k", [])).toEqual([]);
  });

  test("stay where they are from release to release", () => {
    const nodes = nodesNamed("node", 5);
    expect(keys("s3://lake/orders", 4).map((key) => ownersOf(key, nodes).join(" "))).toMatchInlineSnapshot(`
      [
        "node-1 node-4",
        "node-4 node-3",
        "node-1 node-4",
        "node-0 node-2",
      ]
    `);
    expect(hashText("")).toMatchInlineSnapshot(`
      {
        "high": 1662392262,
        "low": 2402093081,
      }
    `);
    expect(hashText("größe 🏞")).toMatchInlineSnapshot(`
      {
        "high": 1334424705,
        "low": 359684060,
      }
    `);
  });

  test.each([2, 3, 10, 30])("a node more or less than %i moves its own share alone", (count) => {
    const nodes = nodesNamed("n", count);
    const more = [...nodes, { nodeId: "new", weight: 1 }];
    const all = keys("t", 4000);
    let moved = 0;
    for (const key of all) {
      const before = ownersOf(key, nodes, 1)[0];
      const after = ownersOf(key, more, 1)[0];
      // Rendezvous hashing: what moves, moves to the new node.
      if (before !== after) {
        moved++;
        expect(after).toBe("new");
      }
      // Of the ranking of all nodes, the rest keeps its order.
      if (moved < 20) expect(rankNodes(key, more).filter((id) => id !== "new")).toEqual(rankNodes(key, nodes));
    }
    expect(moved / all.length).toBeLessThan(1 / (count + 1) + 0.02);
    expect(moved / all.length).toBeGreaterThan(1 / (count + 1) - 0.02);
  });

  test("are as even as chance: within 4 standard deviations", () => {
    for (const prefix of ["a", "node", "10.0.0", "4f1c"]) {
      const nodes = nodesNamed(prefix, 10);
      const counts = new Map<NodeId, number>();
      const all = keys(`s3://${prefix}`, 20_000);
      for (const key of all) {
        const [owner] = ownersOf(key, nodes);
        counts.set(owner!, (counts.get(owner!) ?? 0) + 1);
      }
      const [mean, sigma] = [all.length / 10, Math.sqrt(all.length * 0.1 * 0.9)];
      for (const { nodeId } of nodes) expect(Math.abs(counts.get(nodeId)! - mean)).toBeLessThan(4 * sigma);
    }
  });

  test("respect weights", () => {
    const nodes: ClusterNode[] = [
      { nodeId: "small", weight: 2 },
      { nodeId: "middle", weight: 4 },
      { nodeId: "large", weight: 10 },
    ];
    const counts = new Map<NodeId, number>();
    for (const key of keys("w", 16_000)) {
      const [owner] = ownersOf(key, nodes, 1);
      counts.set(owner!, (counts.get(owner!) ?? 0) + 1);
    }
    for (const { nodeId, weight } of nodes) expect(counts.get(nodeId)! / 1000).toBeCloseTo(weight, 0);
    // Doubling all weights changes nothing.
    const doubled = nodes.map(({ nodeId, weight }) => ({ nodeId, weight: weight * 2 }));
    for (const key of keys("w", 200)) expect(rankNodes(key, doubled)).toEqual(rankNodes(key, nodes));
  });

  test("fractions are strictly between 0 and 1", () => {
    expect(asFraction({ high: 0, low: 0 })).toBeGreaterThan(0);
    expect(asFraction({ high: 0xffff_ffff, low: 0xffff_ffff })).toBeLessThan(1);
  });
});

describe("splits", () => {
  const file = { path: "big.parquet", sizeBytes: 200 * MIB, rowCount: 6_000_000, identity: "etag" };
  const groups = (count: number, bytes: number): RowGroupLayout[] =>
    Array.from({ length: count }, (_, i) => ({ rowCount: 100, byteOffset: 4 + i * bytes, byteLength: bytes }));

  test("cover every row group once, in order, near the target", () => {
    for (const [count, bytes] of [
      [49, 4 * MIB],
      [1, 300 * MIB],
      [1000, 1000],
      [7, 9 * MIB],
      [3, 3 * MIB],
    ] as const) {
      const layout = groups(count, bytes);
      const splits = splitFile(file, layout, { kind: "anywhere" });
      let next = 0;
      for (const split of splits) {
        expect(split.firstRowGroup).toBe(next);
        expect(split.byteOffset).toBe(layout[next]!.byteOffset);
        expect(split.rowCount).toBe(split.rowGroupCount * 100);
        next += split.rowGroupCount;
        if (bytes < 8 * MIB) expect(split.byteLength).toBeLessThanOrEqual(8 * MIB + bytes);
      }
      expect(next).toBe(count);
      expect(splits.reduce((sum, split) => sum + split.byteLength, 0)).toBe(count * bytes);
    }
    expect(splitFile(file, [], { kind: "anywhere" })).toEqual([]);
  });

  test("one large file spreads over ten nodes", () => {
    const splits = splitFile(file, groups(49, 4 * MIB), { kind: "anywhere" });
    expect(splits).toHaveLength(25);
    expect(bytesOf(assignSplits(splits, nodesNamed("n", 10))).size).toBe(10);
  });

  test("without row groups the file is one; keys tell places and contents apart", () => {
    const [whole] = splitFile(file, undefined, { kind: "anywhere" });
    expect(whole!.byteLength).toBe(file.sizeBytes);
    expect(describeSplit(whole!)).toBe("big.parquet");
    const splits = [
      ...splitFile(file, groups(49, 4 * MIB), { kind: "anywhere" }),
      ...splitFile({ ...file, identity: "other" }, groups(49, 4 * MIB), { kind: "anywhere" }),
    ];
    expect(new Set(splits.map(splitKey)).size).toBe(50);
    expect(describeSplit(splits[1]!)).toBe("big.parquet row groups 2–3");
  });
});

describe("assignment", () => {
  test("is even within 10 % at 1,000 shards on 10 nodes, and all by owners", () => {
    for (const prefix of ["a", "b", "c", "d", "e"]) {
      const nodes = nodesNamed(prefix, 10);
      const splits = keys(prefix, 1000).map((key) => shard(key));
      const assignments = assignSplits(splits, nodes);
      expect(assignments).toHaveLength(1000);
      for (const { split, nodeId, fillCache } of assignments) {
        expect(ownersOf(splitKey(split), nodes)).toContain(nodeId);
        expect(fillCache).toBe(true);
      }
      for (const bytes of bytesOf(assignments).values())
        expect(Math.abs(bytes / (100 * 8 * MIB) - 1)).toBeLessThan(0.1);
    }
  });

  test("weights and sizes are respected", () => {
    const nodes: ClusterNode[] = [
      { nodeId: "a", weight: 1 },
      { nodeId: "b", weight: 3 },
      { nodeId: "c", weight: 4 },
    ];
    const splits = keys("x", 800).map((key, i) => shard(key, (1 + (i % 13)) * MIB));
    const total = splits.reduce((sum, { byteLength }) => sum + byteLength, 0);
    const sums = bytesOf(assignSplits(splits, nodes));
    for (const { nodeId, weight } of nodes) expect(sums.get(nodeId)! / total).toBeCloseTo(weight / 8, 1);
  });

  test("does not depend on the order of splits or nodes", () => {
    const nodes = nodesNamed("n", 5);
    const splits = keys("x", 100).map((key, i) => shard(key, (1 + (i % 3)) * MIB));
    const forward = assignSplits(splits, nodes);
    expect(assignSplits([...splits].reverse(), [...nodes].reverse())).toEqual(forward);
  });

  test("an idle node takes over from owners far behind, without filling its cache", () => {
    const nodes = nodesNamed("n", 3);
    const split = shard("hot");
    const [a, b, c] = rankNodes(splitKey(split), nodes) as [NodeId, NodeId, NodeId];
    const backlogBytes = new Map([
      [a, 1000 * MIB],
      [b, 900 * MIB],
    ]);
    expect(assignSplits([split], nodes, { backlogBytes })).toEqual([{ split, nodeId: c, fillCache: false }]);
    // One owner that is not behind is enough.
    expect(assignSplits([split], nodes, { backlogBytes: new Map([[a, 1000 * MIB]]) })[0]).toMatchObject({
      nodeId: b,
      fillCache: true,
    });
    // Not for less than the margin.
    const little = new Map([
      [a, 100 * MIB],
      [b, 110 * MIB],
    ]);
    expect(assignSplits([split], nodes, { backlogBytes: little })[0]).toMatchObject({ nodeId: a, fillCache: true });
    // What only the owners' disks have stays with them.
    const local = shard("hot", 8 * MIB, { kind: "held", by: [a, b] });
    expect(assignSplits([local], nodes, { backlogBytes })[0]).toMatchObject({ nodeId: b, fillCache: true });
  });

  test("local shards go to nodes that have them; with none left the error names the shard", () => {
    const nodes = nodesNamed("n", 4);
    const splits = keys("local", 100).map((key, i) =>
      shard(key, MIB, { kind: "held", by: [`n-${i % 4}`, `n-${(i + 1) % 4}`] }),
    );
    for (const { split, nodeId } of assignSplits(splits, nodes)) {
      expect((split.reach as { by: readonly NodeId[] }).by).toContain(nodeId);
    }
    const left = nodes.slice(0, 2);
    expect(() => assignSplits(splits, left)).toThrow(
      /local\/part-2\.parquet row group 0 can be reached: it was on n-2 and n-3/,
    );
    expect(() => assignSplits([shard("s3")], [])).toThrow(/no node in the cluster/);
  });
});
