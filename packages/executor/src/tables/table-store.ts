import { QueryError } from "@headcut/plan";
import type { Heap } from "../memory/heap.ts";
import type { RowStream } from "../streams/row-stream.ts";
import { createMemoryTable, type MemoryTable, type MemoryTableColumn } from "./memory-table.ts";
import { createReceivedTable, type ReceivedTable } from "./received-table.ts";

/** The in-memory tables of an engine, by their ids. Names are the caller's business. */
export interface TableStore {
  create(name: string, columns: readonly MemoryTableColumn[]): MemoryTable;
  /** A table for rows that other nodes send. */
  receive(name: string, columns: readonly MemoryTableColumn[]): ReceivedTable;
  /** A table whose rows come while a query reads it; its id. */
  stream(rows: RowStream): number;
  /** The stream with this id, if it is one's. */
  streamOf(tableId: number): RowStream | undefined;
  /** Throws QueryError "unknown-table" when it was dropped meanwhile. */
  get(tableId: number, name: string): MemoryTable;
  /** The rows that there are now of a table of either kind; throws as `get` does. */
  snapshot(tableId: number, name: string, columnIndexes: readonly number[]): ReturnType<MemoryTable["snapshot"]>;
  drop(tableId: number): void;
  dropAll(): void;
}

export const createTableStore = (heap: Heap): TableStore => {
  const tables = new Map<number, MemoryTable>();
  const received = new Map<number, ReceivedTable>();
  const streams = new Map<number, RowStream>();
  let nextId = 1;
  const drop = (tableId: number): void => {
    (tables.get(tableId) ?? received.get(tableId))?.drop();
    tables.delete(tableId);
    received.delete(tableId);
    streams.delete(tableId);
  };
  const known = <T>(table: T | undefined, name: string): T => {
    if (table === undefined) throw new QueryError("unknown-table", `table ${name} no longer exists`);
    return table;
  };
  return {
    create: (name, columns) => {
      const table = createMemoryTable(heap, nextId++, name, columns);
      tables.set(table.tableId, table);
      return table;
    },
    receive: (name, columns) => {
      const table = createReceivedTable(heap, nextId++, name, columns);
      received.set(table.tableId, table);
      return table;
    },
    stream: (rows) => {
      const tableId = nextId++;
      streams.set(tableId, rows);
      return tableId;
    },
    streamOf: (tableId) => streams.get(tableId),
    get: (tableId, name) => known(tables.get(tableId), name),
    snapshot: (tableId, name, columnIndexes) =>
      known(tables.get(tableId) ?? received.get(tableId), name).snapshot(columnIndexes),
    drop,
    dropAll: () => {
      for (const tableId of [...tables.keys(), ...received.keys(), ...streams.keys()]) drop(tableId);
    },
  };
};
