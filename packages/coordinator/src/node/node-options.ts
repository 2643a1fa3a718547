import type { Engine } from "@headcut/executor";
import type { FlightService } from "../flight/flight-service.ts";
import type { MembershipOptions } from "../membership/membership-state.ts";
import type { NodeId } from "../placement/cluster-node.ts";
import type { Security } from "../rpc/security.ts";
import type { CallHandler, StreamHandler } from "../rpc/server-options.ts";
import type { ScheduleOptions } from "../schedule/query-spec.ts";
import type { CatalogLinks, ClusterCatalog } from "../shards/cluster-catalog.ts";
import type { ShardStore } from "../shards/shard-store.ts";
import type { ClusterNodeHandle } from "./cluster-node-handle.ts";
import type { SeedSource } from "./seed-source.ts";

/** What a node answers to other nodes beside what every node does. */
export interface NodeServices {
  readonly calls?: Readonly<Record<string, CallHandler>>;
  readonly streams?: Readonly<Record<string, StreamHandler>>;
}

export interface NodeOptions {
  /** Drawn once and kept by the caller: shards are placed by it. */
  readonly nodeId: NodeId;
  /** `host:port`; port 0 takes a free one. */
  readonly listen: string;
  /** `host:port` or `host`, as others reach it; by default that of `listen`, or this machine's name when that is a wildcard. */
  readonly advertise?: string | undefined;
  /** Nodes of other clusters are not let in. */
  readonly clusterName: string;
  readonly seeds: SeedSource;
  readonly security: Security;
  /** The caller closes it after the node. */
  readonly engine: Engine;
  readonly shards: ShardStore;
  /** By default that of the shards that nodes hold. */
  readonly catalog?: ((links: CatalogLinks) => ClusterCatalog) | undefined;
  /** What clients are answered. */
  readonly flight: (node: ClusterNodeHandle) => FlightService;
  readonly services?: ((node: ClusterNodeHandle) => NodeServices) | undefined;
  /** Its share of what is computed; by default the engine's threads. */
  readonly weight?: number | undefined;
  /** For what does not fit into memory; emptied at the start. */
  readonly spillDirectory: string;
  /** What outputs of tasks may take of the process's memory before they go to disk. */
  readonly maxOutputBytes?: number | undefined;
  /** What all queries of this node may use together; by default nearly all of the engine's memory. */
  readonly memoryBytes?: number | undefined;
  /** Queries that wait for memory, at most. */
  readonly maxQueued?: number | undefined;
  readonly membership?: MembershipOptions | undefined;
  readonly schedule?: Partial<ScheduleOptions> | undefined;
  /** Whether this node runs a query by itself when it has all of its shards and that is as fast; by default true. Otherwise only what no other node could take part in. */
  readonly mayRunAlone?: boolean | undefined;
  /** Bytes of shards that are worth another node, where a query chooses how far to spread; by default 4 MiB. */
  readonly bytesPerNode?: number | undefined;
}
