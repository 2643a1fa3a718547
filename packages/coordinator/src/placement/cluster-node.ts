/** Stable: drawn once, kept on the node's disk; addresses may change. */
export type NodeId = string;

/** A node as placement sees it. */
export interface ClusterNode {
  readonly nodeId: NodeId;
  /** Its share of shards relative to the others; above 0, usually its number of cores. */
  readonly weight: number;
}
