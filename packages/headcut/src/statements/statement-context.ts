import type { Engine } from "@headcut/executor";
import type { TypedValue } from "@headcut/plan";
import type { Catalog } from "../catalog.ts";

/** How statements are to be run. */
export interface RunOptions {
  /** Aborting it stops the statement with a QueryError "cancelled". */
  readonly signal?: AbortSignal;
  /** Milliseconds a statement may take, finding its tables, planning and waiting for a slow reader included; QueryError "timeout". Infinity is no limit. */
  readonly timeoutMs?: number;
  /** Bytes one statement may use of the engine's memory; QueryError "out-of-memory" names the operator that wanted more. */
  readonly memoryLimitBytes?: number;
  /**
   * How much of its input a statement has read: a fraction that grows, about ten times a second, and is 1 when the last row
   * has been read. For several statements it starts again with each.
   */
  readonly onProgress?: (fraction: number) => void;
}

/** Everything a statement needs while it runs. */
export interface StatementContext {
  readonly engine: Engine;
  readonly catalog: Catalog;
  readonly parameters: readonly TypedValue[] | Readonly<Record<string, TypedValue>>;
  readonly options: RunOptions & {
    /** When the statement began, as `performance.now()` has it. */
    readonly startedMs: number;
  };
}
