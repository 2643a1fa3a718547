import type { Member } from "../membership/member.ts";
import type { NodeId } from "../placement/cluster-node.ts";

/** What a node says of itself to people and machines: health, metrics. Counters are since its start. */
export interface NodeStatus {
  readonly nodeId: NodeId;
  readonly clusterName: string;
  readonly address: string;
  /** ready: answers queries. draining: finishes what it has. conflict: another process has its id. */
  readonly state: "starting" | "ready" | "draining" | "left" | "conflict";
  readonly startedAt: Date;
  /** Itself first, then by id. */
  readonly members: readonly MemberStatusOf[];
  /** Queries that this node coordinates. */
  readonly queries: {
    readonly running: number;
    readonly queued: number;
    readonly done: number;
    readonly failed: number;
    readonly cancelled: number;
  };
  /** Tasks that this node runs for any coordinator. */
  readonly tasks: { readonly running: number; readonly done: number; readonly failed: number };
  /** Retries of the queries it coordinates. */
  readonly retries: number;
  /** Of the exchange: what this node has read from others, and others from it. */
  readonly exchange: { readonly bytesIn: number; readonly bytesOut: number };
  readonly memory: {
    /** What queries may use together, and what they use (in-memory tables included). */
    readonly limitBytes: number;
    readonly usedBytes: number;
    /** Of the whole process. */
    readonly residentBytes: number;
  };
  readonly cache: { readonly heldBytes: number; readonly hits: number; readonly misses: number };
  readonly splits: { readonly all: number; readonly byOwners: number };
}

export interface MemberStatusOf {
  readonly member: Member;
  readonly health: "fresh" | "suspect" | "lost";
}
