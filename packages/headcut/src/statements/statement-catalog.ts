import type { Table } from "@headcut/plan";

/** The tables a statement sees. Names compare without regard to case. */
export interface StatementCatalog {
  /** All names, sorted. */
  names(): readonly string[];
  has(name: string): boolean;
  /** The table of a name; undefined when there is none. Now and then `checkWanted` may throw instead. */
  resolve(name: string, checkWanted?: () => void): Promise<Table | undefined>;
  /** The table of a path or glob written in FROM. */
  resolvePath(path: string, checkWanted?: () => void): Promise<Table>;
  /** The memory table behind a name that is to be changed. Throws QueryError "unknown-table", "unsupported" for files. */
  memoryTableId(name: string): number;
  /** The name now means this memory table; returns the one it meant before, if any, to be dropped. */
  addMemory(name: string, tableId: number): number | undefined;
  /**
   * Forgets the name; returns the memory table to drop, if it was one. A cluster's table that was loaded is dropped, for all. Throws QueryError
   * "unsupported" for one that cannot be, "io".
   */
  remove(name: string): number | undefined | Promise<number | undefined>;
}
