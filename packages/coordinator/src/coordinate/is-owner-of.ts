import type { NodeId } from "../placement/cluster-node.ts";
import { ownersOf } from "../placement/owners.ts";
import { type Split, splitKey } from "../placement/split.ts";

/** Whether a node is one that a split is meant to be read by: a holder of it, or one of its owners among these. */
export const isOwnerOf = (
  split: Split,
  nodeId: NodeId,
  nodes: readonly { readonly nodeId: NodeId; readonly weight: number }[],
): boolean =>
  split.reach.kind === "held" ? split.reach.by.includes(nodeId) : ownersOf(splitKey(split), nodes).includes(nodeId);
