import { typeName } from "@headcut/plan";
import {
  type BoundColumn,
  type BoundStatement,
  type ColumnIds,
  columnIds,
  planQuery,
  type Statement,
} from "@headcut/planner";
import { bindFound } from "./bind-statement.ts";
import { copyTo } from "./copy-to.ts";
import { createTable, createTableAs } from "./create-table.ts";
import { dropTable } from "./drop-table.ts";
import { explain } from "./explain.ts";
import { findTables } from "./find-tables.ts";
import { insert } from "./insert.ts";
import { parametersKey, recallPlan, rememberPlan } from "./plan-cache.ts";
import { startQuery } from "./start-query.ts";
import type { StatementContext } from "./statement-context.ts";
import { type StatementResult, textResult } from "./statement-result.ts";

/**
 * Binds the statement and runs it: a query has been started when this resolves, any other statement is done. A query that was
 * planned lately, on the same tables and with the same parameters, is not planned again. Throws QueryError.
 */
export const runStatement = async (statement: Statement, context: StatementContext): Promise<StatementResult> => {
  const tables = await findTables(statement, context);
  const parameters = parametersKey(context.parameters);
  const known = recallPlan(statement, parameters, tables.list);
  if (known !== undefined) return startQuery(known, context);
  const ids = columnIds();
  let timeless = true;
  const bound = bindFound(statement, tables, context, ids, () => {
    timeless = false;
  });
  if (bound.kind === "explain") {
    const explained = statement.kind === "explain" ? statement.statement : statement;
    const asRun = recallPlan(explained, parameters, tables.list);
    return textResult(["plan"], [[await explain(bound, context, ids, asRun)]]);
  }
  if (bound.kind !== "query") return runBound(bound, context, ids);
  const planned = planQuery(bound.plan, bound.names, ids);
  if (timeless) rememberPlan(statement, parameters, tables.list, planned);
  return startQuery(planned, context);
};

const runBound = async (
  bound: Exclude<BoundStatement, { kind: "query" | "explain" }>,
  context: StatementContext,
  ids: ColumnIds,
): Promise<StatementResult> => {
  switch (bound.kind) {
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
