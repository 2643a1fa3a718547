import { typeName } from "@headcut/plan";
import {
  type BoundColumn,
  type BoundStatement,
  type ColumnIds,
  columnIds,
  planQuery,
  type Statement,
} from "@headcut/planner";
import { type BatchStream, textStream } from "../batch-stream.ts";
import { bindStatement } from "./bind-statement.ts";
import { copyTo } from "./copy-to.ts";
import { createTable, createTableAs } from "./create-table.ts";
import { dropTable } from "./drop-table.ts";
import { explain } from "./explain.ts";
import { insert } from "./insert.ts";
import { startQuery } from "./start-query.ts";
import type { StatementContext } from "./statement-context.ts";

/**
 * Binds the statement and runs it: a query has been started when this resolves, any other statement is done. Throws
 * QueryError.
 */
export const runStatement = async (statement: Statement, context: StatementContext): Promise<BatchStream> => {
  const ids = columnIds();
  return runBound(await bindStatement(statement, context, ids), context, ids);
};

const runBound = async (bound: BoundStatement, context: StatementContext, ids: ColumnIds): Promise<BatchStream> => {
  switch (bound.kind) {
    case "query":
      return startQuery(planQuery(bound.plan, bound.names, ids), context);
    case "explain":
      return textStream(["plan"], [[await explain(bound, context, ids)]]);
    case "createTable":
      return createTable(bound, context);
    case "createTableAs":
      return createTableAs(bound, context, ids);
    case "insert":
      return insert(bound, context, ids);
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

const describe = (columns: readonly BoundColumn[]): BatchStream =>
  textStream(
    ["column_name", "column_type", "null"],
    columns.map(({ name, type, nullable }) => [name, typeName(type), nullable ? "YES" : "NO"]),
  );
