import { openEngine, type S3Settings } from "@headcut/executor";
import { QueryError } from "@headcut/plan";
import { Connection } from "./connection.ts";
import { embeddedDatabase } from "./embedded-database.ts";
import type { ValueOptions } from "./result/javascript-values.ts";
import { checkMemoryLimit, checkTimeout } from "./run-options.ts";

export interface ConnectOptions extends ValueOptions {
  /** Worker threads, a whole number from 1 on (default: one per core). */
  readonly threads?: number;
  /** Bytes that all queries and in-memory tables of this engine may hold together (default, and at most: just below 4 GiB). */
  readonly memoryLimitBytes?: number;
  /**
   * How much of that memory may keep decoded columns of Parquet files for later queries (default: a quarter; 0: none). Queries that need it
   * get it back.
   */
  readonly columnCacheBytes?: number;
  /** How to reach the objects of `s3://` paths; what is absent comes from the environment, as for the AWS tools. */
  readonly s3?: S3Settings;
  /** A folder for parts of objects that were read, for later queries and processes (default: none). */
  readonly cacheDirectory?: string;
  /** Bytes that it may take (default: 8 GiB). */
  readonly cacheBytes?: number;
  /** Milliseconds that a statement may take unless its call says otherwise (default: any). */
  readonly timeoutMs?: number;
}

/**
 * An engine in this process, on all its cores. Close it when done: `await db.close()`, or `await using`.
 * Throws QueryError "invalid-argument", "out-of-memory" when the system refuses the address space, "unsupported" for the
 * address of a cluster.
 */
export function connect(options?: ConnectOptions): Promise<Connection>;
export function connect(address: string, options?: ConnectOptions): Promise<Connection>;
export async function connect(
  target: ConnectOptions | string = {},
  addressOptions: ConnectOptions = {},
): Promise<Connection> {
  if (typeof target === "string") {
    throw new QueryError("unsupported", `cannot connect to ${target}: clusters are not supported yet`, {
      hint: "connect() without an address runs the engine in this process.",
    });
  }
  const { threads, memoryLimitBytes, columnCacheBytes, s3, cacheDirectory, cacheBytes, ...defaults } = {
    ...target,
    ...addressOptions,
  };
  checkTimeout(defaults.timeoutMs);
  checkMemoryLimit(memoryLimitBytes);
  const engine = openEngine({
    ...(threads !== undefined && { threads }),
    ...(memoryLimitBytes !== undefined && { memoryLimitBytes }),
    ...(columnCacheBytes !== undefined && { columnCacheBytes }),
    ...(s3 !== undefined && { s3 }),
    ...(cacheDirectory !== undefined && { cacheDirectory }),
    ...(cacheBytes !== undefined && { cacheBytes }),
  });
  return new Connection(embeddedDatabase(engine), defaults);
}
