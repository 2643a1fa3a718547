import type { MemoryTable } from "@headcut/executor";
import { QueryError } from "@headcut/plan";
import type { RecordBatch } from "apache-arrow";
import type { StatementTables } from "../statements/statement-context.ts";

/** Tables of their own, dropped together. */
export interface OwnTables extends StatementTables {
  dropAll(): void;
}

/** A part of an engine's in-memory tables, of limited size. Tables of others are not found in it. */
export const boundedTables = (store: StatementTables, maxBytes: number): OwnTables => {
  const own = new Map<number, MemoryTable>();
  const usedBytes = (): number => [...own.values()].reduce((sum, table) => sum + table.byteSize(), 0);

  const bounded = (table: MemoryTable): MemoryTable => ({
    ...table,
    appendArrow: (...batches) => {
      const wanted = batches.reduce((sum, batch) => sum + arrowBytes(batch), usedBytes());
      if (wanted > maxBytes) {
        throw new QueryError(
          "out-of-memory",
          `table ${table.name} needs more than the ${maxBytes} bytes of a session`,
          {
            hint: "Drop tables of the session, or append to a table of the cluster.",
          },
        );
      }
      table.appendArrow(...batches);
    },
  });
  const drop = (tableId: number): void => {
    if (own.delete(tableId)) store.drop(tableId);
  };
  return {
    create: (name, columns) => {
      const table = bounded(store.create(name, columns));
      own.set(table.tableId, table);
      return table;
    },
    get: (tableId, name) => {
      const table = own.get(tableId);
      if (table === undefined) throw new QueryError("unknown-table", `table ${name} no longer exists`);
      return table;
    },
    drop,
    dropAll: () => {
      for (const tableId of [...own.keys()]) drop(tableId);
    },
  };
};

/** About what the rows will take in memory. */
const arrowBytes = (batch: RecordBatch): number =>
  batch.data.children.reduce(
    (sum, { buffers }) => sum + Object.values(buffers).reduce((all, part) => all + (part?.byteLength ?? 0), 0),
    0,
  );
