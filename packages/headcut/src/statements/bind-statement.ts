import { checkLimits } from "@headcut/executor";
import type { Table } from "@headcut/plan";
import { type BoundStatement, bind, type ColumnIds, referencedTables, type Statement } from "@headcut/planner";
import type { StatementCatalog } from "./statement-catalog.ts";
import type { StatementContext } from "./statement-context.ts";

type TableReference = ReturnType<typeof referencedTables>[number];

/** Finds the statement's tables (for files that means reading footers), then binds it. */
export const bindStatement = async (
  statement: Statement,
  { catalog, parameters, options }: StatementContext,
  ids: ColumnIds,
): Promise<BoundStatement> => {
  const checkWanted = (): void => checkLimits(options);
  const tables = new Map<string, Table>();
  for (const reference of referencedTables(statement)) {
    const key = referenceKey(reference);
    if (tables.has(key)) continue;
    const table = await resolve(reference, catalog, checkWanted);
    checkWanted();
    if (table !== undefined) tables.set(key, table);
  }
  return bind(
    statement,
    {
      lookupTable: (reference) => tables.get(referenceKey(reference)),
      tableNames: () => catalog.names(),
      parameters,
      nowMicros: BigInt(Date.now()) * 1000n,
    },
    ids,
  );
};

const referenceKey = (reference: TableReference): string =>
  reference.kind === "path" ? `path:${reference.path}` : `name:${JSON.stringify(reference.parts).toLowerCase()}`;

/** There is no schema but `main`. A quoted name may be a file, `FROM "x.parquet"`, unless a table has that name. */
const resolve = async (
  reference: TableReference,
  catalog: StatementCatalog,
  checkWanted: () => void,
): Promise<Table | undefined> => {
  if (reference.kind === "path") return catalog.resolvePath(reference.path, checkWanted);
  const [name, schema, ...rest] = reference.parts.toReversed();
  if (rest.length > 0 || (schema !== undefined && schema.toLowerCase() !== "main")) return undefined;
  const table = await catalog.resolve(name!, checkWanted);
  return table === undefined && /\.parquet$/i.test(name!) ? catalog.resolvePath(name!, checkWanted) : table;
};
