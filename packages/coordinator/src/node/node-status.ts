import type { ColumnCacheStatistics, Engine } from "@headcut/executor";
import type { QueryCounters } from "../coordinate/query-counters.ts";
import type { Member } from "../membership/member.ts";
import type { MembershipState } from "../membership/membership-state.ts";
import type { NodeId } from "../placement/cluster-node.ts";
import type { WorkerStatus } from "../worker/worker.ts";
import type { ExchangeCounters } from "./count-exchange.ts";

export type NodeState = "starting" | "ready" | "draining" | "left" | "conflict";

/** What a node says of itself to people and machines: health, metrics. Counters are since its start. */
export interface NodeStatus {
  readonly nodeId: NodeId;
  readonly clusterName: string;
  readonly address: string;
  /** ready: answers queries. draining: finishes what it has. conflict: another process has its id. */
  readonly state: NodeState;
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
  readonly tasks: {
    /** Of so many queries this node holds something, though its tasks may have ended: rows, memory, a stream. */
    readonly queries: number;
    readonly running: number;
    readonly done: number;
    readonly failed: number;
    /** What they put out and others have not finished reading. */
    readonly outputBytes: number;
    readonly spilledBytes: number;
  };
  /** That this node answers now: of clients, of other nodes, streams between nodes. */
  readonly calls: number;
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
  readonly cache: ColumnCacheStatistics;
  readonly splits: { readonly all: number; readonly byOwners: number };
}

export interface MemberStatusOf {
  readonly member: Member;
  readonly health: "fresh" | "suspect" | "lost";
}

export const nodeStatus = (parts: {
  readonly clusterName: string;
  readonly startedAt: Date;
  readonly state: NodeState;
  readonly membership: MembershipState;
  readonly counters: Readonly<QueryCounters>;
  readonly admission: { readonly queued: number };
  readonly runningQueries: number;
  readonly worker: WorkerStatus;
  readonly exchange: Readonly<ExchangeCounters>;
  readonly calls: number;
  readonly memoryBytes: number;
  /** Of the engine's memory. */
  readonly freeAtStart: number;
  readonly engine: Engine;
}): NodeStatus => {
  const { clusterName, startedAt, state, membership, counters, admission, worker, memoryBytes, engine } = parts;
  const { self } = membership;
  const others = [...membership.peers.values()].map(({ member, health }) => ({ member, health }));
  others.sort((a, b) => (a.member.nodeId < b.member.nodeId ? -1 : 1));
  return {
    nodeId: self.nodeId,
    clusterName,
    address: self.address,
    state,
    startedAt,
    members: [{ member: self, health: "fresh" }, ...others],
    queries: {
      running: parts.runningQueries - admission.queued,
      queued: admission.queued,
      done: counters.done,
      failed: counters.failed,
      cancelled: counters.cancelled,
    },
    tasks: {
      queries: worker.queries,
      running: worker.runningAttempts,
      done: worker.doneAttempts,
      failed: worker.failedAttempts,
      outputBytes: worker.outputBytes,
      spilledBytes: worker.spilledBytes,
    },
    calls: parts.calls,
    retries: counters.retries,
    exchange: { ...parts.exchange },
    memory: {
      limitBytes: memoryBytes,
      usedBytes: Math.max(0, parts.freeAtStart - engine.freeBytes()),
      residentBytes: process.memoryUsage.rss(),
    },
    cache: engine.columnCache.statistics(),
    splits: { all: counters.splits, byOwners: counters.splitsByOwners },
  };
};
