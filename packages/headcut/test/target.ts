import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ClusterOptions, type Connection, type ConnectOptions, connect as connectTo } from "headcut";
import { inject } from "vitest";

/** The cluster the tests are run against, if it is one; see cluster/global-setup.ts. */
const cluster = inject("cluster");

/** Whether the tests are run against nodes in other processes, not against an engine in this one. */
export const isCluster = cluster !== undefined;

/** What the tests are run against. Threads and memory are the nodes' business. */
export const connect = (options: ConnectOptions = {}): Promise<Connection> => {
  if (cluster === undefined) return connectTo(options);
  const { threads: _, memoryLimitBytes: __, ...others } = options;
  return connectTo(cluster.url, others as ClusterOptions);
};

/** A new folder for files that the target may read. */
export const scratchFolder = (name: string): string => mkdtempSync(join(cluster?.scratch ?? tmpdir(), name));

/** What the engine in this process has free. A node serves other tests too: there is nothing to compare. */
export const freeBytes = (db: Connection): number => (isCluster ? 0 : db.freeBytes());
