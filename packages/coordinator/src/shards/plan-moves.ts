import type { ClusterNode, NodeId } from "../placement/cluster-node.ts";
import { DEFAULT_OWNER_COUNT, rankNodes } from "../placement/owners.ts";
import type { ShardedTable } from "./merge-listings.ts";
import { type Weighed, weighed } from "./place-shards.ts";
import { isPartitionShard, planPartitionMoves } from "./plan-partition-moves.ts";
import type { ShardCopy, ShardDrop, ShardMoves } from "./shard-moves.ts";

/** A node is given shards when it has less than this part of its share. */
const POOR = 0.8;

/** What is a little more than a share counts as one. */
const SLACK = 1.02;

/**
 * What is to be done so that each shard of the loaded tables has its copies, and each living node its share of them: copies that are
 * missing; where none is, copies that are too many; where none is, copies for nodes that have joined, which are too many next time. So no shard ever
 * has fewer copies than before. Shards of partitions go where their partitions belong. A pure function: every node finds the same, and does what is to come from it.
 */
export const planMoves = (tables: Iterable<ShardedTable>, living: readonly ClusterNode[]): ShardMoves => {
  const copies: ShardCopy[] = [];
  const drops: ShardDrop[] = [];
  for (const { name: table, shards, copies: wanted } of tables) {
    // Files that lie in folders are where people have put them.
    if (wanted === undefined) continue;
    const count = Math.min(wanted, living.length);
    const ofPartitions = planPartitionMoves(table, shards.filter(isPartitionShard), living, count);
    copies.push(...ofPartitions.copies);
    drops.push(...ofPartitions.drops);
    const others = shards.filter((shard) => !isPartitionShard(shard));
    const homes = openHomes(table, others, living, count);
    const missing = homes.missing();
    const surplus = missing.length > 0 ? [] : homes.surplus();
    // More copies than usual are made of tables that every node is to have.
    const isSpread = wanted <= DEFAULT_OWNER_COUNT;
    const moves = missing.length > 0 || surplus.length > 0 || !isSpread ? [] : homes.moves();
    copies.push(...[...missing, ...moves].map((copy) => ({ table, ...copy })));
    drops.push(...surplus.map((drop) => ({ table, ...drop })));
  }
  return { copies, drops };
};

interface Home {
  readonly shard: Weighed;
  /** Living nodes, best first. */
  readonly ranked: readonly NodeId[];
  /** As they are when the plan is carried out. */
  readonly holders: NodeId[];
}

type Copy = Omit<ShardCopy, "table">;

/** Where the shards of one table are. Shards that only lost nodes have are none. */
const openHomes = (
  table: string,
  shards: ShardedTable["shards"],
  living: readonly ClusterNode[],
  count: number,
): { missing(): readonly Copy[]; surplus(): readonly Omit<ShardDrop, "table">[]; moves(): readonly Copy[] } => {
  const weights = new Map(living.map(({ nodeId, weight }) => [nodeId, weight]));
  const present = new Map(
    shards.map(({ entry, holders }) => [entry.name, holders.filter((nodeId) => weights.has(nodeId))]),
  );
  const homes = weighed(
    table,
    shards.map(({ entry }) => entry),
  ).flatMap((shard): Home[] => {
    const holders = present.get(shard.name)!;
    return holders.length === 0 ? [] : [{ shard, ranked: rankNodes(shard.key, living), holders: [...holders] }];
  });
  const loads = new Map(living.map(({ nodeId }) => [nodeId, 0]));
  const give = (nodeId: NodeId, size: number): void => {
    loads.set(nodeId, loads.get(nodeId)! + size);
  };
  for (const { shard, holders } of homes) for (const nodeId of holders) give(nodeId, shard.size);
  const allWeights = living.reduce((sum, { weight }) => sum + weight, 0);
  const all = count * homes.reduce((sum, { shard }) => sum + shard.size, 0);
  /** In proportion to the share: 1 is full. */
  const fill = (nodeId: NodeId, more = 0): number =>
    (loads.get(nodeId)! + more) / ((all * weights.get(nodeId)!) / allWeights || 1);
  /** Spreads the sending as the shards are spread. */
  const source = ({ shard, ranked }: Home): NodeId => {
    const there = present.get(shard.name)!;
    return ranked.find((nodeId) => there.includes(nodeId))!;
  };
  /** Whose copy goes: of those that have clearly more than `least` the fullest, and of equal ones the one that suits the shard least. */
  const giver = ({ ranked, holders }: Home, least: number, notFrom: readonly NodeId[] = []): NodeId | undefined =>
    ranked
      .filter((nodeId) => holders.includes(nodeId) && !notFrom.includes(nodeId) && fill(nodeId) > least * SLACK)
      .reduce<NodeId | undefined>(
        (best, nodeId) => (best === undefined || fill(nodeId) >= fill(best) ? nodeId : best),
        undefined,
      );

  return {
    missing: () =>
      homes.flatMap((home) => {
        const free = home.ranked.filter((nodeId) => !home.holders.includes(nodeId));
        const from = source(home);
        return free
          .slice(0, Math.max(0, count - home.holders.length))
          .map((to) => ({ name: home.shard.name, from, to }));
      }),
    surplus: () =>
      homes.flatMap((home) => {
        const { shard, holders } = home;
        const given: NodeId[] = [];
        while (holders.length > count) {
          const from = giver(home, -1)!;
          holders.splice(holders.indexOf(from), 1);
          give(from, -shard.size);
          given.push(from);
        }
        const keepers = holders.toSorted();
        return given.map((from) => ({ name: shard.name, from, keepers }));
      }),
    moves: () => {
      const poor = living.map(({ nodeId }) => nodeId).filter((nodeId) => fill(nodeId) < POOR);
      // What a node is given now it does not give away again.
      const takers = [...poor];
      const made: Copy[] = [];
      for (let to = emptiest(poor, fill); to !== undefined; ) {
        const copy = moveTo(to);
        if (copy === undefined) poor.splice(poor.indexOf(to), 1);
        else made.push(copy);
        to = emptiest(poor, fill);
      }
      return made;

      /** One more shard for this node: of those that others have too much of, the one that it suits best. */
      function moveTo(node: NodeId): Copy | undefined {
        const candidates = homes
          .filter(({ shard, holders }) => !holders.includes(node) && fill(node, shard.size) <= SLACK)
          .map((home) => ({
            home,
            rank: home.ranked.indexOf(node),
            from: giver(home, fill(node, home.shard.size), takers),
          }))
          .filter(({ from }) => from !== undefined)
          .sort((a, b) => a.rank - b.rank || (a.home.shard.key < b.home.shard.key ? -1 : 1));
        const [best] = candidates;
        if (best === undefined) return undefined;
        const { home, from } = best;
        const sender = source(home);
        home.holders[home.holders.indexOf(from!)] = node;
        give(from!, -home.shard.size);
        give(node, home.shard.size);
        return { name: home.shard.name, from: sender, to: node };
      }
    },
  };
};

const emptiest = (nodes: readonly NodeId[], fill: (nodeId: NodeId) => number): NodeId | undefined =>
  nodes.toSorted((a, b) => fill(a) - fill(b) || (a < b ? -1 : 1))[0];
