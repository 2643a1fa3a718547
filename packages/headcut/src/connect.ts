import { openEngine } from "@headcut/executor";
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
  const { threads, memoryLimitBytes, columnCacheBytes, ...defaults } = { ...target, ...addressOptions };
  checkTimeout(defaults.timeoutMs);
  checkMemoryLimit(memoryLimitBytes);
  const engine = openEngine({
    ...(threads !== undefined && { threads }),
    ...(memoryLimitBytes !== undefined && { memoryLimitBytes }),
    ...(columnCacheBytes !== undefined && { columnCacheBytes }),
  });
  return new Connection(embeddedDatabase(engine), defaults);
}
