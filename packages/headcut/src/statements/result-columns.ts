import { varchar } from "@headcut/plan";
import { columnIds, planQuery, type Statement } from "@headcut/planner";
import { bindStatement } from "./bind-statement.ts";
import type { StatementContext } from "./statement-context.ts";
import type { StatementResult } from "./statement-result.ts";

/** The columns that a statement which reads would return; undefined for one that needs a session, or writes files. Throws QueryError. */
export const resultColumns = async (
  statement: Statement,
  context: StatementContext,
): Promise<StatementResult["columns"] | undefined> => {
  const ids = columnIds();
  const bound = await bindStatement(statement, context, ids);
  switch (bound.kind) {
    case "query": {
      const { physical, names } = planQuery(bound.plan, bound.names, ids);
      return physical.columns.map(({ name, type, nullable }, i) => ({ name: names[i] ?? name, type, nullable }));
    }
    case "explain":
      return texts("plan");
    case "describe":
      return texts("column_name", "column_type", "null");
    case "showTables":
      return texts("name");
    case "drop":
      return [];
    case "createTable":
    case "createTableAs":
    case "insert":
    case "copyTo":
      return undefined;
  }
};

const texts = (...names: readonly string[]): StatementResult["columns"] =>
  names.map((name) => ({ name, type: varchar, nullable: true }));
