import { type BoundStatement, bind, type ColumnIds, type Statement } from "@headcut/planner";
import { type FoundTables, findTables } from "./find-tables.ts";
import type { StatementContext } from "./statement-context.ts";

/** Finds the statement's tables, then binds it. */
export const bindStatement = async (
  statement: Statement,
  context: StatementContext,
  ids: ColumnIds,
): Promise<BoundStatement> => bindFound(statement, await findTables(statement, context), context, ids);

/** Binds a statement whose tables are known. `onClock`: when what it means depends on the time of day. */
export const bindFound = (
  statement: Statement,
  tables: FoundTables,
  { catalog, parameters }: Pick<StatementContext, "catalog" | "parameters">,
  ids: ColumnIds,
  onClock: () => void = () => undefined,
): BoundStatement => {
  const nowMicros = BigInt(Date.now()) * 1000n;
  return bind(
    statement,
    {
      lookupTable: tables.lookup,
      tableNames: () => catalog.names(),
      parameters,
      get nowMicros() {
        onClock();
        return nowMicros;
      },
    },
    ids,
  );
};
