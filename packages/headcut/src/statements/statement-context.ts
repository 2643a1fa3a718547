import type { ClusterRun } from "@headcut/coordinator";
import type { ExecuteOptions, QueryRun, TableStore } from "@headcut/executor";
import type { PhysicalPlan, TypedValue } from "@headcut/plan";
import type { StatementCatalog } from "./statement-catalog.ts";

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

/** The options of one statement: checked, and with the time they count from. */
export interface StatementOptions extends RunOptions {
  /** When the statement began, as `performance.now()` has it. */
  readonly startedMs: number;
}

/** Parameters' values, by position or by name in lower case. */
export type ParameterValues = readonly TypedValue[] | Readonly<Record<string, TypedValue>>;

/** What runs the queries of statements: the engine in this process, or a cluster. */
export interface QueryRunner {
  execute(plan: PhysicalPlan, names: readonly string[], options: ExecuteOptions): QueryRun | ClusterRun;
  /** For EXPLAIN: the fragments of the plan, where it is cut into some. */
  explain?(plan: PhysicalPlan): Promise<string>;
}

/** In-memory tables that statements make and change. */
export type StatementTables = Pick<TableStore, "create" | "get" | "drop">;

/** Everything a statement needs while it runs. */
export interface StatementContext {
  readonly queries: QueryRunner;
  readonly tables: StatementTables;
  readonly catalog: StatementCatalog;
  readonly parameters: ParameterValues;
  readonly options: StatementOptions;
}
