import type { NodeId } from "../placement/cluster-node.ts";

/** A node that work can be given to. */
export interface ViewNode {
  readonly nodeId: NodeId;
  /** host:port */
  readonly address: string;
  readonly weight: number;
  readonly draining: boolean;
  /** Of its process: with another one, what the node held is gone. */
  readonly startedAt: number;
  /** Queries and tasks that it ran when it was heard of last. */
  readonly load: number;
}

export type ViewChange =
  | { readonly kind: "up"; readonly node: ViewNode }
  | { readonly kind: "draining"; readonly nodeId: NodeId }
  /** Or left. */
  | { readonly kind: "lost"; readonly nodeId: NodeId };

/** The cluster as a coordinator sees it. Times as `performance.now()` has them. */
export interface NodesView {
  /** All that are not lost, this one among them. */
  nodes(): readonly ViewNode[];
  /** When the last proof of life came; undefined for a node that is not known. */
  heardAt(nodeId: NodeId): number | undefined;
  /** Calls until the returned function is called. */
  onChange(listener: (change: ViewChange) => void): () => void;
}
