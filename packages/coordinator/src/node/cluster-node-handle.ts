import type { Engine, ExecuteOptions } from "@headcut/executor";
import type { PhysicalPlan } from "@headcut/plan";
import type { ClusterRun } from "../coordinate/cluster-run.ts";
import type { Member } from "../membership/member.ts";
import type { NodeId } from "../placement/cluster-node.ts";
import type { Peers } from "../rpc/peer.ts";
import type { ClusterCatalog } from "../shards/cluster-catalog.ts";
import type { ShardStore } from "../shards/shard-store.ts";
import type { NodeStatus } from "./node-status.ts";

/** A running node: part of a cluster, and able to run any query on all of it. */
export interface ClusterNodeHandle {
  readonly nodeId: NodeId;
  /** `host:port` at which others reach it. */
  readonly address: string;
  readonly clusterName: string;
  readonly engine: Engine;
  readonly shards: ShardStore;
  readonly catalog: ClusterCatalog;
  readonly peers: Peers;
  /** This node first, then all others that are alive or draining, suspected ones too, by id. */
  members(): readonly Member[];
  /**
   * Runs a query where its shards are. Tables in memory are this node's own. What goes wrong is thrown when the run is read; whoever
   * starts it reads it to the end or cancels it.
   */
  execute(plan: PhysicalPlan, names: readonly string[], options?: ExecuteOptions): ClusterRun;
  /** The plan's fragments with their nodes, shards and exchanges, as they would be run now. */
  explain(plan: PhysicalPlan): Promise<string>;
  status(): NodeStatus;
  /** Takes nothing new; resolves when all that runs here, its own queries and tasks for others, is done, or after `graceMs`. */
  drain(graceMs?: number): Promise<void>;
  /** Says goodbye: the others plan without it at once. */
  leave(): Promise<void>;
  /** Leaves, cancels what still runs, and frees all it has. The engine and the shard store stay the caller's. */
  close(): Promise<void>;
  /** Resolves when the node has stopped; rejects with the reason if it had to: QueryError "already-exists" when another process has its id. */
  readonly closed: Promise<void>;
}
