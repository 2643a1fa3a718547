import { QueryError, type Table } from "@headcut/plan";
import type { StatementCatalog } from "./statements/statement-catalog.ts";

/** How a registered name finds its table each time a statement uses it. */
type Entry =
  /** Paths or globs, looked up again for every statement: new files appear, changed ones are read anew. */
  | { readonly kind: "parquet"; readonly name: string; readonly paths: readonly string[] }
  | { readonly kind: "memory"; readonly name: string; readonly tableId: number };

/** What the catalog needs of the engine. */
export interface TableLookup {
  openParquetTable(name: string, paths: readonly string[], checkWanted?: () => void): Promise<Table>;
  memoryTable(name: string, tableId: number): Table;
}

/** The names a connection knows. Names compare without regard to case. */
export class Catalog implements StatementCatalog {
  private readonly entries = new Map<string, Entry>();
  private readonly lookup: TableLookup;

  constructor(lookup: TableLookup) {
    this.lookup = lookup;
  }

  names(): string[] {
    return [...this.entries.values()].map(({ name }) => name).sort();
  }

  has(name: string): boolean {
    return this.entries.has(name.toLowerCase());
  }

  addParquet(name: string, paths: readonly string[]): void {
    this.entries.set(name.toLowerCase(), { kind: "parquet", name, paths });
  }

  /** Returns the memory table that had the name, if any, to be dropped. */
  addMemory(name: string, tableId: number): number | undefined {
    const replaced = this.remove(name);
    this.entries.set(name.toLowerCase(), { kind: "memory", name, tableId });
    return replaced;
  }

  /** The memory table behind a name that is to be changed. Errors: unknown-table, unsupported for files. */
  memoryTableId(name: string): number {
    const entry = this.entries.get(name.toLowerCase());
    if (entry === undefined) throw new QueryError("unknown-table", `there is no table ${name}`);
    if (entry.kind === "parquet") {
      throw new QueryError("unsupported", `${name} is made of Parquet files, which cannot be changed`, {
        hint: `CREATE TABLE … AS SELECT * FROM ${name} makes a table that can.`,
      });
    }
    return entry.tableId;
  }

  /** Forgets the name; returns the memory table to drop, if it was one. */
  remove(name: string): number | undefined {
    const entry = this.entries.get(name.toLowerCase());
    this.entries.delete(name.toLowerCase());
    return entry?.kind === "memory" ? entry.tableId : undefined;
  }

  /** The table of a registered name; undefined when there is none. Now and then `checkWanted` may throw instead. */
  async resolve(name: string, checkWanted?: () => void): Promise<Table | undefined> {
    const entry = this.entries.get(name.toLowerCase());
    switch (entry?.kind) {
      case undefined:
        return undefined;
      case "parquet":
        return this.lookup.openParquetTable(entry.name, entry.paths, checkWanted);
      case "memory":
        return this.lookup.memoryTable(entry.name, entry.tableId);
    }
  }

  /** The table of a path or glob written in FROM. */
  resolvePath(path: string, checkWanted?: () => void): Promise<Table> {
    return this.lookup.openParquetTable(path, [path], checkWanted);
  }
}
