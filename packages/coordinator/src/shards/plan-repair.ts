import type { ClusterNode, NodeId } from "../placement/cluster-node.ts";
import { rankNodes } from "../placement/owners.ts";
import type { ShardedTable } from "./merge-listings.ts";
import { shardPath } from "./shard-entry.ts";

/** A copy that is to be made. */
export interface RepairCopy {
  readonly table: string;
  readonly name: string;
  readonly from: NodeId;
  readonly to: NodeId;
}

/**
 * The copies that shards of loaded tables lack, made by living nodes that have one for the best owners that have none. Every node finds the
 * same, and makes those that are to come from it: so each is made once.
 */
export const planRepair = (tables: Iterable<ShardedTable>, living: readonly ClusterNode[]): readonly RepairCopy[] => {
  const ids = new Set(living.map(({ nodeId }) => nodeId));
  const copies: RepairCopy[] = [];
  for (const { name: table, shards, copies: wanted } of tables) {
    // Files that lie in folders are where people have put them.
    if (wanted === undefined) continue;
    for (const { entry, holders } of shards) {
      const present = holders.filter((nodeId) => ids.has(nodeId));
      const missing = Math.min(wanted, living.length) - present.length;
      if (present.length === 0 || missing <= 0) continue;
      const { name, identity } = entry;
      const ranked = rankNodes(`${shardPath(table, name)}\n${identity}`, living);
      // The work is spread as the shards are.
      const from = ranked.find((nodeId) => present.includes(nodeId))!;
      const targets = ranked.filter((nodeId) => !present.includes(nodeId)).slice(0, missing);
      for (const to of targets) copies.push({ table, name, from, to });
    }
  }
  return copies;
};
