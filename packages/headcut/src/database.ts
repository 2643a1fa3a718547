import type { Statement } from "@headcut/planner";
import type { ParameterValues, StatementOptions } from "./statements/statement-context.ts";
import type { StatementResult } from "./statements/statement-result.ts";
import type { NamedSource } from "./table-source.ts";

/** What a connection's statements run on, and the names they see: the engine in this process, or a cluster. */
export interface Database {
  /** Starts a statement: a query has been started when this resolves, any other statement is done. Throws QueryError. */
  start(request: StatementRequest): Promise<StatementResult>;
  /** Makes a name a table; one that is taken is taken over. Throws QueryError. */
  register(name: string, source: NamedSource): Promise<void>;
  /** Forgets a name. False when there was none. */
  unregister(name: string): boolean;
  /** All names, sorted. */
  tables(): string[];
  freeBytes(): number;
  /** Cancels what runs and frees all there is. */
  close(): Promise<void>;
}

export interface StatementRequest {
  readonly statement: Statement;
  /** The text it stands in, which its range, and those of errors, are of. */
  readonly sql: string;
  readonly parameters: ParameterValues;
  readonly options: StatementOptions;
  /** The caller wants the rows together at the end, none before: until then, the statement may start anew. */
  readonly whole: boolean;
}
