import { QueryError } from "@headcut/plan";
import type { ClusterNode, NodeId } from "./cluster-node.ts";
import { DEFAULT_OWNER_COUNT, rankNodes } from "./owners.ts";
import { describeSplit, type Split, splitKey } from "./split.ts";

export interface Assignment {
  readonly split: Split;
  readonly nodeId: NodeId;
  /** False when the node only helps out: its cache is not to be filled with what others own. */
  readonly fillCache: boolean;
}

export interface AssignOptions {
  readonly ownerCount?: number;
  /** Compressed bytes that nodes still have before them; absent is none. */
  readonly backlogBytes?: ReadonlyMap<NodeId, number>;
  /** How much further behind than another node, per unit of weight, every owner must be before the other takes over. */
  readonly takeoverBytes?: number;
}

export const DEFAULT_TAKEOVER_BYTES = 128 * 1024 * 1024;

/**
 * Gives every split to a node: to that of its owners which has least to do for its weight; to the idlest node instead when
 * all owners lag far behind it and the split can be read from anywhere. Deterministic, whatever the order of the arguments, so that
 * repeated queries find warm caches. Throws QueryError "io" naming a split that no node of the list can read.
 */
export const assignSplits = (
  splits: readonly Split[],
  nodes: readonly ClusterNode[],
  options: AssignOptions = {},
): readonly Assignment[] => {
  const { ownerCount = DEFAULT_OWNER_COUNT, backlogBytes, takeoverBytes = DEFAULT_TAKEOVER_BYTES } = options;
  const loads = new Map(nodes.map(({ nodeId, weight }) => [nodeId, { bytes: backlogBytes?.get(nodeId) ?? 0, weight }]));
  const after = (nodeId: NodeId, bytes: number): number => {
    const load = loads.get(nodeId)!;
    return (load.bytes + bytes) / load.weight;
  };
  const idlest = (candidates: readonly NodeId[], bytes: number): NodeId =>
    candidates.reduce((best, nodeId) => (after(nodeId, bytes) < after(best, bytes) ? nodeId : best));

  const put = (nodeId: NodeId, bytes: number): void => {
    loads.get(nodeId)!.bytes += bytes;
  };

  const placed = inOrder(splits, nodes).map(({ split, ranked }) => {
    const owners = ranked.slice(0, ownerCount);
    const nodeId = idlest(owners, split.byteLength);
    put(nodeId, split.byteLength);
    return { split, ranked, owners, nodeId };
  });
  // The first splits were placed without knowing the last: let those move that are better off with another owner now.
  for (let round = 0; round < MAX_ROUNDS; round++) {
    let moved = false;
    for (const item of placed) {
      const { byteLength } = item.split;
      const better = idlest(item.owners, byteLength);
      if (after(better, byteLength) >= after(item.nodeId, 0)) continue;
      put(item.nodeId, -byteLength);
      put(better, byteLength);
      item.nodeId = better;
      moved = true;
    }
    if (!moved) break;
  }
  return placed.map(({ split, ranked, owners, nodeId }): Assignment => {
    const { byteLength } = split;
    const helper = split.reach.kind === "anywhere" ? idlest(ranked, byteLength) : nodeId;
    if (after(nodeId, 0) - after(helper, byteLength) <= takeoverBytes) return { split, nodeId, fillCache: true };
    put(nodeId, -byteLength);
    put(helper, byteLength);
    return { split, nodeId: helper, fillCache: owners.includes(helper) };
  });
};

/** Each round makes the loads more even; it ends long before. */
const MAX_ROUNDS = 16;

interface Ranked {
  readonly split: Split;
  readonly key: string;
  /** The nodes that can read it, best first. */
  readonly ranked: readonly NodeId[];
}

/** The largest first, since the small ones even out what they leave. */
const inOrder = (splits: readonly Split[], nodes: readonly ClusterNode[]): readonly Ranked[] => {
  const ranked = splits.map((split): Ranked => {
    const key = splitKey(split);
    const { reach } = split;
    const able = reach.kind === "anywhere" ? nodes : nodes.filter(({ nodeId }) => reach.by.includes(nodeId));
    if (able.length === 0) throw noOwner(split);
    return { split, key, ranked: rankNodes(key, able) };
  });
  return ranked.sort((a, b) => b.split.byteLength - a.split.byteLength || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
};

/** No node that could read a split is left. */
export const noOwner = (split: Split): QueryError => {
  const { reach } = split;
  const who =
    reach.kind === "anywhere" ? "there is no node in the cluster" : `it was on ${reach.by.join(" and ") || "no node"}`;
  return new QueryError("io", `no node that has ${describeSplit(split)} can be reached: ${who}`, {
    hint: "Start the node again, or load the table with more copies of each shard.",
  });
};
