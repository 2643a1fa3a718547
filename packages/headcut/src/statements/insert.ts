import type { MemoryTable } from "@headcut/executor";
import { QueryError } from "@headcut/plan";
import { type BoundStatement, type ColumnIds, planQuery } from "@headcut/planner";
import type { RecordBatch } from "apache-arrow";
import { startRun } from "./start-query.ts";
import type { StatementContext } from "./statement-context.ts";
import { countResult, type StatementResult } from "./statement-result.ts";

/** All rows or none: they are made before the first is stored. */
export const insert = async (
  { table: { name, columns }, plan }: Extract<BoundStatement, { kind: "insert" }>,
  context: StatementContext,
  ids: ColumnIds,
): Promise<StatementResult> => {
  const { catalog, tables } = context;
  const target = (): MemoryTable => tables.get(catalog.memoryTableId(name), name);
  const before = target();
  const planned = planQuery(
    plan,
    columns.map((column) => column.name),
    ids,
  );
  const batches: RecordBatch[] = [];
  let rowCount = 0;
  for await (const batch of startRun(planned, context)) {
    batches.push(batch);
    rowCount += batch.numRows;
  }
  // While the rows were made, the table may have been dropped (which `target` reports) or replaced by one they do not fit.
  if (target() !== before) throw new QueryError("unknown-table", `table ${name} was replaced during the INSERT`);
  before.appendArrow(...batches);
  return countResult(rowCount);
};
