import type { ClusterNode } from "../placement/cluster-node.ts";
import { rankNodes } from "../placement/owners.ts";
import type { ClusterShard } from "./merge-listings.ts";
import type { ShardCopy, ShardDrop, ShardMoves } from "./shard-moves.ts";

/** A shard of a table that is partitioned by a column. */
export type PartitionShard = ClusterShard & { readonly partition: string };

export const isPartitionShard = (shard: ClusterShard): shard is PartitionShard => shard.partition !== undefined;

/**
 * Brings shards to the owners of their partitions: copies that these lack, and for each shard that all of them have, copies that others may give up. So shards of one partition, of
 * whatever tables, end on the same nodes, whoever comes and goes; no shard has fewer copies on the way.
 */
export const planPartitionMoves = (
  table: string,
  shards: readonly PartitionShard[],
  living: readonly ClusterNode[],
  count: number,
): ShardMoves => {
  const copies: ShardCopy[] = [];
  const drops: ShardDrop[] = [];
  for (const { entry, partition, holders } of shards) {
    const { name } = entry;
    const ranked = rankNodes(partition, living);
    const from = ranked.find((nodeId) => holders.includes(nodeId));
    // Only lost nodes have it.
    if (from === undefined) continue;
    const owners = ranked.slice(0, count);
    const lacking = owners.filter((nodeId) => !holders.includes(nodeId));
    copies.push(...lacking.map((to) => ({ table, name, from, to })));
    if (lacking.length > 0) continue;
    const keepers = owners.toSorted();
    const others = ranked.slice(count).filter((nodeId) => holders.includes(nodeId));
    drops.push(...others.map((nodeId) => ({ table, name, from: nodeId, keepers })));
  }
  return { copies, drops };
};
