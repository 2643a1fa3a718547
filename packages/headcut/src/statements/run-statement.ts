import { typeName } from "@headcut/plan";
import {
  type BoundColumn,
  type BoundStatement,
  type ColumnIds,
  columnIds,
  planQuery,
  type Statement,
} from "@headcut/planner";
import { bindStatement } from "./bind-statement.ts";
import { copyTo } from "./copy-to.ts";
import { createTable, createTableAs } from "./create-table.ts";
import { dropTable } from "./drop-table.ts";
import { explain } from "./explain.ts";
import { insert } from "./insert.ts";
import { startQuery } from "./start-query.ts";
import type { StatementContext } from "./statement-context.ts";
import { type StatementResult, textResult } from "./statement-result.ts";

/**
 * Binds the statement and runs it: a query has been started when this resolves, any other statement is done. Throws
 * QueryError.
 */
export const runStatement = async (statement: Statement, context: StatementContext): Promise<StatementResult> => {
  const ids = columnIds();
  return runBound(await bindStatement(statement, context, ids), context, ids);
};

const runBound = async (bound: BoundStatement, context: StatementContext, ids: ColumnIds): Promise<StatementResult> => {
  switch (bound.kind) {
    case "query":
      return startQuery(planQuery(bound.plan, bound.names, ids), context);
    case "explain":
      return textResult(["plan"], [[await explain(bound, context, ids)]]);
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
      return textResult(
        ["name"],
        context.catalog.names().map((name) => [name]),
      );
  }
};

const describe = (columns: readonly BoundColumn[]): StatementResult =>
  textResult(
    ["column_name", "column_type", "null"],
    columns.map(({ name, type, nullable }) => [name, typeName(type), nullable ? "YES" : "NO"]),
  );
