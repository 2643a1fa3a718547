import { checkLimits } from "@headcut/executor";
import type { Table } from "@headcut/plan";
import { referencedTables, type Statement } from "@headcut/planner";
import type { StatementCatalog } from "./statement-catalog.ts";
import type { StatementContext } from "./statement-context.ts";

export type TableReference = ReturnType<typeof referencedTables>[number];

/** The tables a statement names, in its order, each once; undefined where there is none. */
export interface FoundTables {
  readonly list: readonly (Table | undefined)[];
  lookup(reference: TableReference): Table | undefined;
}

/** Finds the statement's tables: for files that means looking at them, and reading the footers of new ones. */
export const findTables = async (
  statement: Statement,
  { catalog, options }: Pick<StatementContext, "catalog" | "options">,
): Promise<FoundTables> => {
  const checkWanted = (): void => checkLimits(options);
  const tables = new Map<string, Table | undefined>();
  for (const reference of referencedTables(statement)) {
    const key = referenceKey(reference);
    if (tables.has(key)) continue;
    tables.set(key, await resolve(reference, catalog, checkWanted));
    checkWanted();
  }
  return { list: [...tables.values()], lookup: (reference) => tables.get(referenceKey(reference)) };
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
