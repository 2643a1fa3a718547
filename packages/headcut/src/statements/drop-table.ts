import { QueryError } from "@headcut/plan";
import type { BoundStatement } from "@headcut/planner";
import type { StatementContext } from "./statement-context.ts";
import { noRows, type StatementResult } from "./statement-result.ts";

/** Forgets the name; the files of a table that is made of files stay, those of a table that was loaded into a cluster go. */
export const dropTable = async (
  { name, ifExists }: Extract<BoundStatement, { kind: "drop" }>,
  { catalog, tables }: StatementContext,
): Promise<StatementResult> => {
  if (!catalog.has(name)) {
    if (ifExists) return noRows();
    throw new QueryError("unknown-table", `there is no table ${name}`, {
      hint: "DROP TABLE IF EXISTS does not mind that.",
    });
  }
  const tableId = await catalog.remove(name);
  if (tableId !== undefined) tables.drop(tableId);
  return noRows();
};
