import { openEngine } from "@headcut/executor";
import { QueryError } from "@headcut/plan";
import { Connection } from "./connection.ts";
import type { ValueOptions } from "./result/javascript-values.ts";

export interface ConnectOptions extends ValueOptions {
  /** Worker threads (default: one per core). */
  readonly threads?: number;
  /** Bytes all queries and tables of this engine may hold (default: just below 4 GiB). */
  readonly memoryLimitBytes?: number;
  /** Default time limit of every query. */
  readonly timeoutMs?: number;
}

/**
 * An engine in this process, on all its cores. Close it when done: `await db.close()`, or `await using`.
 * Errors: QueryError "invalid-argument", "out-of-memory" when the address space is refused.
 */
export const connect = async (
  target: ConnectOptions | string = {},
  options: ConnectOptions = {},
): Promise<Connection> => {
  if (typeof target === "string") {
    throw new QueryError("unsupported", `cannot connect to ${target}: clusters are not supported yet`, {
      hint: "connect() without an address runs the engine in this process.",
    });
  }
  const { threads, memoryLimitBytes, timeoutMs, ...values } = { ...target, ...options };
  const engine = openEngine({
    ...(threads !== undefined && { threads }),
    ...(memoryLimitBytes !== undefined && { memoryLimitBytes }),
  });
  return new Connection(engine, values, timeoutMs);
};
