import type { Engine } from "@headcut/executor";
import { QueryError } from "@headcut/plan";
import { Catalog } from "./catalog.ts";
import type { Database } from "./database.ts";
import { registerArrow } from "./register-arrow.ts";
import { runStatement } from "./statements/run-statement.ts";
import type { StatementResult } from "./statements/statement-result.ts";

/** The engine in this process. */
export const embeddedDatabase = (engine: Engine): Database => {
  const catalog = new Catalog({
    openParquetTable: engine.openParquetTable,
    memoryTable: (name, tableId) => engine.tables.get(tableId, name).describe(),
  });
  /** Statements that have not given their result yet; `close` waits for them. */
  const starting = new Set<Promise<StatementResult>>();
  let closed = false;

  const unregister = (name: string): boolean => {
    const known = catalog.has(name);
    const tableId = catalog.remove(name);
    if (tableId !== undefined) engine.tables.drop(tableId);
    return known;
  };
  return {
    start: async ({ statement, parameters, options }) => {
      const context = { queries: engine, tables: engine.tables, catalog, parameters, options };
      const started = runStatement(statement, context);
      starting.add(started);
      try {
        return await started;
      } finally {
        starting.delete(started);
      }
    },
    register: async (name, source) => {
      if (source.kind === "parquet") {
        await engine.openParquetTable(name, source.paths); // A bad file is reported here, not by the first query.
        if (closed) throw new QueryError("closed", "the connection is closed");
        unregister(name);
        catalog.addParquet(name, source.paths);
      } else {
        const table = registerArrow(engine.tables, name, source.data);
        const replaced = catalog.addMemory(name, table.tableId);
        if (replaced !== undefined) engine.tables.drop(replaced);
      }
    },
    unregister,
    tables: () => catalog.names(),
    freeBytes: () => engine.freeBytes(),
    close: async () => {
      closed = true;
      await engine.close();
      await Promise.allSettled(starting);
    },
  };
};
