import type { MemoryTable } from "@headcut/executor";
import { QueryError } from "@headcut/plan";
import { type BoundStatement, type ColumnIds, planQuery } from "@headcut/planner";
import { startRun } from "./start-query.ts";
import type { StatementContext } from "./statement-context.ts";
import { countResult, noRows, type StatementResult } from "./statement-result.ts";

type CreateTable = Extract<BoundStatement, { kind: "createTable" }>;
type CreateTableAs = Extract<BoundStatement, { kind: "createTableAs" }>;

export const createTable = (bound: CreateTable, context: StatementContext): StatementResult => {
  if (mayCreate(bound, context)) publish(bound.name, context.tables.create(bound.name, bound.columns), context);
  return noRows();
};

/** The name appears when the table is complete. */
export const createTableAs = async (
  bound: CreateTableAs,
  context: StatementContext,
  ids: ColumnIds,
): Promise<StatementResult> => {
  if (!mayCreate(bound, context)) return noRows();
  const { tables } = context;
  const table = tables.create(bound.name, bound.columns);
  try {
    const names = bound.columns.map(({ name }) => name);
    for await (const batch of startRun(planQuery(bound.plan, names, ids), context)) table.appendArrow(batch);
    // Another statement may have made the name meanwhile.
    if (!mayCreate(bound, context)) {
      tables.drop(table.tableId);
      return noRows();
    }
    publish(bound.name, table, context);
  } catch (cause) {
    tables.drop(table.tableId);
    throw cause;
  }
  return countResult(table.rowCount());
};

/** False when the table is there already and that is fine. */
const mayCreate = (
  { name, orReplace, ifNotExists }: CreateTable | CreateTableAs,
  { catalog }: StatementContext,
): boolean => {
  if (!catalog.has(name) || orReplace) return true;
  if (ifNotExists) return false;
  throw new QueryError("already-exists", `table ${name} already exists`, {
    hint: "CREATE OR REPLACE TABLE replaces it, CREATE TABLE IF NOT EXISTS leaves it alone.",
  });
};

const publish = (name: string, table: MemoryTable, { catalog, tables }: StatementContext): void => {
  const replaced = catalog.addMemory(name, table.tableId);
  if (replaced !== undefined) tables.drop(replaced);
};
