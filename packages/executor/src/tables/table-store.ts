import { QueryError } from "@headcut/plan";
import type { Heap } from "../memory/heap.ts";
import { createMemoryTable, type MemoryTable, type MemoryTableColumn } from "./memory-table.ts";

/** The in-memory tables of an engine, by their ids. Names are the caller's business. */
export interface TableStore {
  create(name: string, columns: readonly MemoryTableColumn[]): MemoryTable;
  /** Throws QueryError "unknown-table" when it was dropped meanwhile. */
  get(tableId: number, name: string): MemoryTable;
  drop(tableId: number): void;
  dropAll(): void;
}

export const createTableStore = (heap: Heap): TableStore => {
  const tables = new Map<number, MemoryTable>();
  let nextId = 1;
  const drop = (tableId: number): void => {
    tables.get(tableId)?.drop();
    tables.delete(tableId);
  };
  return {
    create: (name, columns) => {
      const table = createMemoryTable(heap, nextId++, name, columns);
      tables.set(table.tableId, table);
      return table;
    },
    get: (tableId, name) => {
      const table = tables.get(tableId);
      if (table === undefined) throw new QueryError("unknown-table", `table ${name} no longer exists`);
      return table;
    },
    drop,
    dropAll: () => {
      for (const tableId of [...tables.keys()]) drop(tableId);
    },
  };
};
