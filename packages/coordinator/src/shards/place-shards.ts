import type { ClusterNode, NodeId } from "../placement/cluster-node.ts";
import { ownersOf, rankNodes } from "../placement/owners.ts";
import { shardPath } from "./shard-entry.ts";
import type { ManifestShard } from "./table-manifest.ts";

type Placed = Pick<ManifestShard, "name" | "identity" | "sizeBytes" | "partition">;

/** A node may have so much more than its share of a table's bytes before the next in rank gets a shard instead. */
const SLACK = 1.02;

/** Shards whose sizes differ by no more count as equal. */
const EVEN = 1.25;

export interface Weighed {
  readonly name: string;
  readonly key: string;
  readonly size: number;
}

/**
 * What decides where shards go. Equal shards are placed by their number alone, so that tables with as many shards, such as orders and
 * their lines, have those of one number on the same nodes, where they can be joined.
 */
export const weighed = (table: string, shards: readonly Placed[]): readonly Weighed[] => {
  const sizes = shards.map(({ sizeBytes }) => sizeBytes);
  const byName = shards.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  if (shards.length > 1 && Math.max(...sizes) <= EVEN * Math.min(...sizes)) {
    return byName.map(({ name }, i) => ({ name, key: `shard ${i} of ${shards.length}`, size: 1 }));
  }
  // The largest first, since the small ones even out what they leave.
  return byName
    .sort((a, b) => b.sizeBytes - a.sizeBytes)
    .map(({ name, identity, sizeBytes }) => ({
      name,
      key: `${shardPath(table, name)}\n${identity}`,
      size: sizeBytes,
    }));
};

/**
 * Which nodes each shard of a table goes to, by name: the first `copies` of its owners by rendezvous hashing that still have room in their
 * share of the table's bytes, so that no node scans much more than another. `present` copies count, and stay where they are. Shards of partitions
 * go to the owners of their partitions, whatever else there is: so do those of other tables, which they are joined with.
 */
export const placeShards = (
  table: string,
  all: readonly Placed[],
  nodes: readonly ClusterNode[],
  copies: number,
  present: ReadonlyMap<string, readonly NodeId[]> = new Map(),
): ReadonlyMap<string, readonly NodeId[]> => {
  const count = Math.min(copies, nodes.length);
  const shards = weighed(
    table,
    all.filter(({ partition }) => partition === undefined),
  );
  const weights = new Map(nodes.map(({ nodeId, weight }) => [nodeId, weight]));
  const allWeights = nodes.reduce((sum, { weight }) => sum + weight, 0);
  const allBytes = count * shards.reduce((sum, { size }) => sum + size, 0);
  const loads = new Map(nodes.map(({ nodeId }) => [nodeId, 0]));
  /** Bytes in proportion to the share: 1 is full. */
  const fill = (nodeId: NodeId, more: number): number =>
    (loads.get(nodeId)! + more) / ((allBytes * weights.get(nodeId)!) / allWeights || 1);
  const give = (nodeId: NodeId, bytes: number): NodeId => {
    loads.set(nodeId, loads.get(nodeId)! + bytes);
    return nodeId;
  };

  const homes = new Map<string, NodeId[]>();
  for (const { name, partition } of all) {
    if (partition !== undefined) homes.set(name, [...ownersOf(partition, nodes, count)]);
  }
  for (const { name, size } of shards) {
    const there = (present.get(name) ?? []).filter((nodeId) => weights.has(nodeId));
    homes.set(
      name,
      there.map((nodeId) => give(nodeId, size)),
    );
  }
  for (const { name, key, size } of shards) {
    const home = homes.get(name)!;
    const ranked = rankNodes(key, nodes);
    while (home.length < count) {
      const free = ranked.filter((nodeId) => !home.includes(nodeId));
      const roomy = free.find((nodeId) => fill(nodeId, size) <= SLACK);
      const emptiest = free.reduce((best, nodeId) => (fill(nodeId, size) < fill(best, size) ? nodeId : best));
      home.push(give(roomy ?? emptiest, size));
    }
  }
  const moveFrom = (from: NodeId, targets: readonly NodeId[]): boolean => {
    for (const to of targets) {
      for (const { name, size } of shards) {
        const home = homes.get(name)!;
        const isMovable = home.includes(from) && !home.includes(to) && present.get(name)?.includes(from) !== true;
        // Clearly better, or the last bytes would go to and fro against the hash.
        if (!isMovable || fill(to, size) >= fill(from, 0) / SLACK) continue;
        home[home.indexOf(from)] = give(to, size);
        give(from, -size);
        return true;
      }
    }
    return false;
  };
  // The last ones had little choice: let copies move from the fullest node to where there is more room.
  for (let moves = 0; moves < shards.length * count; moves++) {
    const byFill = nodes.map(({ nodeId }) => nodeId).sort((a, b) => fill(b, 0) - fill(a, 0) || (a < b ? -1 : 1));
    if (!moveFrom(byFill[0]!, byFill.toReversed())) break;
  }
  return homes;
};
