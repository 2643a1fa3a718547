import type { Engine, MemoryTable, QueryRun } from "@headcut/executor";
import { type LogicalPlan, QueryError, type Table, type TypedValue, typeName } from "@headcut/plan";
import {
  type BoundColumn,
  type BoundStatement,
  bind,
  type ColumnIds,
  columnIds,
  type PlannedQuery,
  planQuery,
  referencedTables,
  type Statement,
  type TableReference,
} from "@headcut/planner";
import { type BatchStream, countStream, noRows, textStream } from "./batch-stream.ts";
import type { Catalog } from "./catalog.ts";
import { parseCopyOptions } from "./copy-options.ts";
import { explainPlan, explainRun } from "./explain.ts";
import { writeFile } from "./output/write.ts";

/** How statements are to be run. */
export interface RunOptions {
  readonly signal?: AbortSignal;
  /** From the call to the last row. */
  readonly timeoutMs?: number;
  /** What the query may use of the engine's memory. */
  readonly memoryLimitBytes?: number;
  /** Fraction (0 … 1) of the tables' parts that were read, now and then. */
  readonly onProgress?: (fraction: number) => void;
}

/** Everything a statement needs while it runs. */
export interface StatementContext {
  readonly engine: Engine;
  readonly catalog: Catalog;
  readonly parameters: readonly TypedValue[] | Readonly<Record<string, TypedValue>>;
  readonly options: RunOptions;
}

/** Resolves the statement's tables, binds it and starts it. */
export const runStatement = async (statement: Statement, context: StatementContext): Promise<BatchStream> => {
  const ids = columnIds();
  const bound = await bindStatement(statement, context, ids);
  return runBound(bound, context, ids);
};

const bindStatement = async (
  statement: Statement,
  context: StatementContext,
  ids: ColumnIds,
): Promise<BoundStatement> => {
  const { catalog, parameters } = context;
  const tables = new Map<string, Table>();
  for (const reference of referencedTables(statement)) {
    const key = referenceKey(reference);
    if (tables.has(key)) continue;
    const table = await resolve(reference, catalog);
    if (table !== undefined) tables.set(key, table);
  }
  const nowMicros = BigInt(Date.now()) * 1000n;
  return bind(
    statement,
    {
      lookupTable: (reference) => tables.get(referenceKey(reference)),
      tableNames: () => catalog.names(),
      parameters,
      nowMicros,
    },
    ids,
  );
};

const referenceKey = (reference: TableReference): string =>
  reference.kind === "path" ? `path:${reference.path}` : `name:${reference.parts.join(".").toLowerCase()}`;

/** A table of the catalog, or for a quoted name that is none, a file: `FROM "x.parquet"`. */
const resolve = async (reference: TableReference, catalog: Catalog): Promise<Table | undefined> => {
  if (reference.kind === "path") return catalog.resolvePath(reference.path);
  const [name, schema, ...rest] = reference.parts.toReversed();
  if (rest.length > 0 || (schema !== undefined && schema.toLowerCase() !== "main")) return undefined;
  return catalog.resolve(name!);
};

const runBound = async (bound: BoundStatement, context: StatementContext, ids: ColumnIds): Promise<BatchStream> => {
  switch (bound.kind) {
    case "query":
      return queryStream(start(planQuery(bound.plan, bound.names, ids), context));
    case "explain":
      return textStream(["plan"], [[await explain(bound, context, ids)]]);
    case "createTable":
      return createTable(bound, context);
    case "createTableAs":
      return createTableAs(bound, context, ids);
    case "insert":
      return insert(bound.table, bound.plan, context, ids);
    case "drop":
      return dropTable(bound, context);
    case "copyTo":
      return copyTo(bound, context, ids);
    case "describe":
      return describe(bound.columns);
    case "showTables":
      return textStream(
        ["name"],
        context.catalog.names().map((name) => [name]),
      );
  }
};

const start = ({ physical, names }: PlannedQuery, { engine, options }: StatementContext): QueryRun =>
  engine.execute(physical, names, options);

const queryStream = async (run: QueryRun): Promise<BatchStream> => ({
  columns: run.columns,
  schema: await run.schema(),
  batches: run,
});

const explain = async (
  { statement, analyze, format }: Extract<BoundStatement, { kind: "explain" }>,
  context: StatementContext,
  ids: ColumnIds,
): Promise<string> => {
  if (!("plan" in statement)) throw new QueryError("unsupported", `EXPLAIN of ${statement.kind} is not supported`);
  const names = "names" in statement ? statement.names : [];
  const planned = planQuery(statement.plan, names, ids);
  if (!analyze) return explainPlan(planned, format);
  if (statement.kind !== "query") throw new QueryError("unsupported", "EXPLAIN ANALYZE takes a query");
  const run = start(planned, context);
  for await (const _ of run.encodedBatches());
  return explainRun(planned.physical, await run.metrics, format);
};

type Creation = Pick<Extract<BoundStatement, { kind: "createTable" }>, "name" | "orReplace" | "ifNotExists">;

/** False when the table is there already and that is fine. */
const mayCreate = ({ name, orReplace, ifNotExists }: Creation, { catalog }: StatementContext): boolean => {
  if (!catalog.has(name) || orReplace) return true;
  if (ifNotExists) return false;
  throw new QueryError("already-exists", `table ${name} already exists`, {
    hint: "CREATE OR REPLACE TABLE, or CREATE TABLE IF NOT EXISTS.",
  });
};

const publish = (name: string, table: MemoryTable, { catalog, engine }: StatementContext): void => {
  const replaced = catalog.remove(name);
  if (replaced !== undefined) engine.tables.drop(replaced);
  catalog.addMemory(name, table.tableId);
};

const createTable = (
  bound: Extract<BoundStatement, { kind: "createTable" }>,
  context: StatementContext,
): BatchStream => {
  if (mayCreate(bound, context)) publish(bound.name, context.engine.tables.create(bound.name, bound.columns), context);
  return noRows();
};

/** The name appears when the table is complete. */
const createTableAs = async (
  bound: Extract<BoundStatement, { kind: "createTableAs" }>,
  context: StatementContext,
  ids: ColumnIds,
): Promise<BatchStream> => {
  if (!mayCreate(bound, context)) return countStream(0);
  const { tables } = context.engine;
  const table = tables.create(bound.name, bound.columns);
  try {
    const names = bound.columns.map(({ name }) => name);
    for await (const batch of start(planQuery(bound.plan, names, ids), context)) table.appendArrow(batch);
    publish(bound.name, table, context);
  } catch (cause) {
    tables.drop(table.tableId);
    throw cause;
  }
  return countStream(table.rowCount());
};

/** All rows or none: they are made before the first is stored. */
const insert = async (
  target: Table,
  plan: LogicalPlan,
  context: StatementContext,
  ids: ColumnIds,
): Promise<BatchStream> => {
  const table = context.engine.tables.get(context.catalog.memoryTableId(target.name), target.name);
  const names = target.columns.map(({ name }) => name);
  const batches = [];
  let rowCount = 0;
  for await (const batch of start(planQuery(plan, names, ids), context)) {
    batches.push(batch);
    rowCount += batch.numRows;
  }
  table.appendArrow(...batches);
  return countStream(rowCount);
};

const dropTable = (
  bound: Extract<BoundStatement, { kind: "drop" }>,
  { catalog, engine }: StatementContext,
): BatchStream => {
  if (!catalog.has(bound.name)) {
    if (bound.ifExists) return noRows();
    throw new QueryError("unknown-table", `there is no table ${bound.name}`, { hint: "DROP TABLE IF EXISTS." });
  }
  const tableId = catalog.remove(bound.name);
  if (tableId !== undefined) engine.tables.drop(tableId);
  return noRows();
};

const copyTo = async (
  { plan, names, path, format, options }: Extract<BoundStatement, { kind: "copyTo" }>,
  context: StatementContext,
  ids: ColumnIds,
): Promise<BatchStream> => {
  const outputOptions = parseCopyOptions(format, options);
  const stream = await queryStream(start(planQuery(plan, names, ids), context));
  let rowCount = 0;
  const counted = (async function* () {
    for await (const batch of stream.batches) {
      rowCount += batch.numRows;
      yield batch;
    }
  })();
  await writeFile(path, format, { ...stream, batches: counted }, outputOptions);
  return countStream(rowCount);
};

const describe = (columns: readonly BoundColumn[]): BatchStream =>
  textStream(
    ["column_name", "column_type", "null"],
    columns.map(({ name, type, nullable }) => [name, typeName(type), nullable ? "YES" : "NO"]),
  );
