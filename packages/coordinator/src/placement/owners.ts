import { assert } from "@headcut/plan";
import type { ClusterNode, NodeId } from "./cluster-node.ts";
import { asFraction, combine, hashText } from "./string-hash.ts";

/** Nodes that own each shard, unless told otherwise: one may be lost without losing a warm cache, or a local copy. */
export const DEFAULT_OWNER_COUNT = 2;

/**
 * The nodes by how well they suit a key, best first: weighted rendezvous hashing (Thaler and Ravishankar 1998; weights
 * as by Schindelhauer and Schomaker 2005: score = -weight / ln(hash)). A pure function of the key and the set of nodes, so every node of a cluster
 * finds the same. When a node comes or goes, only the keys it is first for move.
 */
export const rankNodes = (key: string, nodes: readonly ClusterNode[]): readonly NodeId[] => {
  const keyHash = hashText(key);
  const scored = nodes.map(({ nodeId, weight }) => {
    assert(weight > 0 && Number.isFinite(weight), `node ${nodeId} has weight ${weight}`);
    return { nodeId, score: -weight / Math.log(asFraction(combine(keyHash, hashText(nodeId)))) };
  });
  // Ids break ties, which two nodes must break alike; V8 computes logarithms in software, equal on every CPU.
  scored.sort((a, b) => b.score - a.score || (a.nodeId < b.nodeId ? -1 : 1));
  return scored.map(({ nodeId }) => nodeId);
};

/** The first `count` of `rankNodes`; fewer if there are fewer nodes. */
export const ownersOf = (
  key: string,
  nodes: readonly ClusterNode[],
  count: number = DEFAULT_OWNER_COUNT,
): readonly NodeId[] => rankNodes(key, nodes).slice(0, count);
