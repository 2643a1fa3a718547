import type { NodeId } from "../placement/cluster-node.ts";

/** What a node says of itself, and others pass on. */
export interface Member {
  readonly nodeId: NodeId;
  /** `host:port` at which its peers reach it. */
  readonly address: string;
  readonly weight: number;
  /** Tells processes of one node apart: when it was started, ms since 1970. */
  readonly startedAt: number;
  /** Greater with every start of the process: the time of it, or more, where news of another process had to be outdone. */
  readonly incarnation: number;
  /** Greater with every heartbeat: the proof of life that is passed on. */
  readonly counter: number;
  readonly status: MemberStatus;
  /** Queries and tasks that its engine ran when it said so. */
  readonly load: number;
}

/** draining: takes no new work, still answers for what it has. left: said goodbye. */
export type MemberStatus = "alive" | "draining" | "left";

/** Whether `a` is later news than `b`, of one node. */
export const isNewer = (a: Member, b: Member): boolean =>
  a.incarnation !== b.incarnation ? a.incarnation > b.incarnation : a.counter > b.counter;
