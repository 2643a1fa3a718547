import { openEngine, type S3Settings } from "@headcut/executor";
import { QueryError } from "@headcut/plan";
import { Connection } from "./connection.ts";
import { embeddedDatabase } from "./embedded-database.ts";
import type { ClusterSecurity } from "./remote/open-remote.ts";
import type { ValueOptions } from "./result/javascript-values.ts";
import { checkMemoryLimit, checkTimeout } from "./run-options.ts";

/** What holds for every statement unless its call says otherwise. */
interface StatementDefaults extends ValueOptions {
  /** Milliseconds that a statement may take (default: any). */
  readonly timeoutMs?: number;
}

export interface ConnectOptions extends StatementDefaults {
  /** Worker threads, a whole number from 1 on (default: one per core). */
  readonly threads?: number;
  /** Bytes that all queries and in-memory tables of this engine may hold together (default, and at most: just below 4 GiB). */
  readonly memoryLimitBytes?: number;
  /** Bytes that each statement may hold at most (default: all of them); a call's own `memoryLimitBytes` may be less. */
  readonly queryMemoryLimitBytes?: number;
  /**
   * How much of that memory may keep decoded columns of Parquet files for later queries (default: a quarter; 0: none). Queries that need it
   * get it back.
   */
  readonly columnCacheBytes?: number;
  /** Where queries put rows that find no room in memory (default: `headcut-spill` in the system's directory for temporary files). */
  readonly spillDirectory?: string;
  /** Bytes that all queries may have there at a time (default: as many as the disk has; 0: none). */
  readonly spillLimitBytes?: number;
  /** How to reach the objects of `s3://` paths; what is absent comes from the environment, as for the AWS tools. */
  readonly s3?: S3Settings;
  /** A folder for parts of objects that were read, for later queries and processes (default: none). */
  readonly cacheDirectory?: string;
  /** Bytes that it may take (default: 8 GiB). */
  readonly cacheBytes?: number;
}

export interface ClusterOptions extends StatementDefaults, ClusterSecurity {}

/**
 * An engine in this process, on all its cores. Close it when done: `await db.close()`, or `await using`.
 * Throws QueryError "invalid-argument", "out-of-memory" when the system refuses the address space.
 */
export function connect(options?: ConnectOptions): Promise<Connection>;
/**
 * A cluster, through any of its nodes: `grpc://a:8815,b:8815`, or `grpc+tls://…`. When the first does not answer, or stops answering,
 * the next one is asked, then those that they have named. Throws QueryError "invalid-argument", "io" when no node answers.
 */
export function connect(address: string, options?: ClusterOptions): Promise<Connection>;
export async function connect(
  target: ConnectOptions | string = {},
  clusterOptions: ClusterOptions = {},
): Promise<Connection> {
  return typeof target === "string" ? connectCluster(target, clusterOptions) : connectEngine(target);
}

const connectEngine = (options: ConnectOptions): Connection => {
  const {
    threads,
    memoryLimitBytes,
    queryMemoryLimitBytes,
    columnCacheBytes,
    spillDirectory,
    spillLimitBytes,
    s3,
    cacheDirectory,
    cacheBytes,
    ...defaults
  } = options;
  checkTimeout(defaults.timeoutMs);
  checkMemoryLimit(memoryLimitBytes);
  const engine = openEngine({
    ...(threads !== undefined && { threads }),
    ...(memoryLimitBytes !== undefined && { memoryLimitBytes }),
    ...(queryMemoryLimitBytes !== undefined && { queryMemoryLimitBytes }),
    ...(columnCacheBytes !== undefined && { columnCacheBytes }),
    ...(spillDirectory !== undefined && { spillDirectory }),
    ...(spillLimitBytes !== undefined && { spillLimitBytes }),
    ...(s3 !== undefined && { s3 }),
    ...(cacheDirectory !== undefined && { cacheDirectory }),
    ...(cacheBytes !== undefined && { cacheBytes }),
  });
  return new Connection(embeddedDatabase(engine), defaults);
};

const ENGINE_OPTIONS = [
  "threads",
  "memoryLimitBytes",
  "queryMemoryLimitBytes",
  "columnCacheBytes",
  "spillDirectory",
  "spillLimitBytes",
  "s3",
  "cacheDirectory",
  "cacheBytes",
];

const connectCluster = async (address: string, { token, tls, ...defaults }: ClusterOptions): Promise<Connection> => {
  const misplaced = ENGINE_OPTIONS.find((name) => name in defaults);
  if (misplaced !== undefined) {
    throw new QueryError("invalid-argument", `${misplaced} is for the engine in this process: nodes have their own`, {
      hint: "A statement's memoryLimitBytes may be given with each call.",
    });
  }
  checkTimeout(defaults.timeoutMs);
  const { openRemote } = await import("./remote/open-remote.ts");
  const security = { ...(token !== undefined && { token }), ...(tls !== undefined && { tls }) };
  return new Connection(await openRemote(address, security), defaults);
};
