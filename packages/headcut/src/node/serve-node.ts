import { join } from "node:path";
import {
  type ClusterNodeHandle,
  openClusterCatalog,
  openNode,
  openShardStore,
  parseSeedSource,
  type ShardStore,
} from "@headcut/coordinator";
import { openEngine } from "@headcut/executor";
import { flightService } from "../flight/flight-service.ts";
import { appendBatches } from "./append-batches.ts";
import { keepCopies } from "./keep-copies.ts";
import { nodeIdOf } from "./node-id.ts";
import type { NodeLog } from "./node-log.ts";
import { prometheusText } from "./prometheus.ts";
import { readSecurity, type SecurityFiles } from "./read-security.ts";
import { type HttpServer, serveHttp } from "./serve-http.ts";
import { watchNode } from "./watch-node.ts";

export interface ServeOptions extends SecurityFiles {
  /** host:port */
  readonly listen: string;
  readonly advertise?: string;
  readonly data: string;
  readonly join?: string;
  readonly cluster: string;
  readonly threads?: number;
  /** Bytes that all queries and in-memory tables may hold together. */
  readonly memory?: number;
  /** Bytes that one query may hold at most. */
  readonly memoryLimit?: number;
  /** Where queries put rows that find no room in memory; default: in the data directory. */
  readonly tempDirectory?: string;
  /** Bytes that they may take there; 0: none. */
  readonly tempLimit?: number;
  /** Where parts of objects are kept, for scans to come; default: in the data directory. */
  readonly cache?: string;
  /** Bytes of it; 0: none. */
  readonly cacheSize?: number;
  readonly http?: string;
  /** Seconds after which copies are made again of what a lost node held; Infinity: never. */
  readonly repairAfter?: number;
}

/** A restart takes less. */
const DEFAULT_REPAIR_SECONDS = 120;

/** A node in this process. */
export interface ServedNode {
  readonly node: ClusterNodeHandle;
  readonly httpAddress: string | undefined;
  /** Takes nothing new, ends what runs within `graceMs`, says goodbye, and frees all there is. */
  stop(graceMs: number): Promise<void>;
}

/** Starts a node on a data directory: engine, shards, membership, the Flight endpoint, the pages for probes. Throws QueryError. */
export const serveNode = async (options: ServeOptions, log: NodeLog): Promise<ServedNode> => {
  const { listen, advertise, data, cluster, threads, memory } = options;
  const seeds = parseSeedSource(options.join ?? "");
  const security = await readSecurity(options);
  const nodeId = await nodeIdOf(data);
  const shards = await openShardStore(data);
  const engine = openEngine({
    ...(threads !== undefined && { threads }),
    ...(memory !== undefined && { memoryLimitBytes: memory }),
    ...(options.memoryLimit !== undefined && { queryMemoryLimitBytes: options.memoryLimit }),
    spillDirectory: options.tempDirectory ?? join(data, ".headcut", "temp"),
    ...(options.tempLimit !== undefined && { spillLimitBytes: options.tempLimit }),
    // Objects that this node owns splits of are read again and again.
    cacheDirectory: options.cache ?? join(data, ".headcut", "cache"),
    ...(options.cacheSize !== undefined && { cacheBytes: options.cacheSize }),
  });
  // Until it has found others it would answer as if it were alone; but the first of a cluster finds none.
  const startedAt = performance.now();
  const isJoining = (knowsOthers: boolean): boolean =>
    seeds.kind !== "none" && !knowsOthers && performance.now() - startedAt < ALONE_AFTER_MS;
  let node: ClusterNodeHandle;
  try {
    node = await openNode({
      nodeId,
      listen,
      advertise,
      clusterName: cluster,
      seeds,
      security,
      engine,
      shards,
      catalog: (links) =>
        openClusterCatalog({ ...links, isJoining: () => isJoining(links.peers().some(({ isAlive }) => isAlive)) }),
      flight: (handle) =>
        flightService(handle, {
          token: security.token,
          append: (table, schema, batches, signal) => appendBatches(handle, table, schema, batches, { signal }),
        }),
      spillDirectory: join(data, ".headcut", "spill"),
    });
  } catch (cause) {
    await engine.close();
    throw cause;
  }
  const { entries } = shards.listing();
  log("listening", { node: nodeId, address: node.address, cluster, threads: engine.threads, shards: entries.length });
  if (security.token === undefined && security.tls?.ca === undefined && !isLoopback(listen)) {
    log("warning", { reason: "anyone who can reach this address may query it: set HEADCUT_TOKEN, or --tls-ca" });
  }
  const isReady = (): boolean => node.status().state === "ready" && !isJoining(node.members().length > 1);
  const http = await openPages(node, shards, options.http, isReady).catch(async (cause) => {
    await node.close();
    await engine.close();
    throw cause;
  });
  if (http !== undefined) log("probes", { address: http.address });
  const unwatch = watchNode(node, shards, log);
  const endCopying = keepCopies(node, (options.repairAfter ?? DEFAULT_REPAIR_SECONDS) * 1000, log);
  return {
    node,
    httpAddress: http?.address,
    stop: async (graceMs) => {
      endCopying();
      try {
        await node.drain(graceMs);
      } finally {
        unwatch();
        await node.close();
        await engine.close();
        await http?.close();
      }
    },
  };
};

const ALONE_AFTER_MS = 10_000;

const isLoopback = (listen: string): boolean => /^(127\.|localhost:|\[::1\])/.test(listen);

const openPages = async (
  node: ClusterNodeHandle,
  shards: ShardStore,
  listen: string | undefined,
  isReady: () => boolean,
): Promise<HttpServer | undefined> => {
  if (listen === undefined) return undefined;
  const state = (): string => node.status().state;
  return serveHttp(listen, {
    "/health": () => ({ ok: state() !== "conflict", text: `${state()}\n` }),
    "/ready": () => ({ ok: isReady(), text: `${isReady() || state() !== "ready" ? state() : "joining"}\n` }),
    "/metrics": () => ({ ok: true, text: prometheusText(node.status(), shards.listing()) }),
  });
};
