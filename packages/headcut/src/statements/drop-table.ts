import { QueryError } from "@headcut/plan";
import type { BoundStatement } from "@headcut/planner";
import { type BatchStream, noRows } from "../batch-stream.ts";
import type { StatementContext } from "./statement-context.ts";

/** Forgets the name; the files of a table that is made of files stay. */
export const dropTable = (
  { name, ifExists }: Extract<BoundStatement, { kind: "drop" }>,
  { catalog, engine }: StatementContext,
): BatchStream => {
  if (!catalog.has(name)) {
    if (ifExists) return noRows();
    throw new QueryError("unknown-table", `there is no table ${name}`, {
      hint: "DROP TABLE IF EXISTS does not mind that.",
    });
  }
  const tableId = catalog.remove(name);
  if (tableId !== undefined) engine.tables.drop(tableId);
  return noRows();
};
