import type { NodeId } from "../placement/cluster-node.ts";

/** A copy that is to be made. */
export interface ShardCopy {
  readonly table: string;
  readonly name: string;
  readonly from: NodeId;
  readonly to: NodeId;
}

/** A copy that there are enough of without it. */
export interface ShardDrop {
  readonly table: string;
  readonly name: string;
  readonly from: NodeId;
  /** Who has the others: so many as the table wants. */
  readonly keepers: readonly NodeId[];
}

export interface ShardMoves {
  readonly copies: readonly ShardCopy[];
  readonly drops: readonly ShardDrop[];
}
