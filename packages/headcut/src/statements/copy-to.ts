import { type BoundStatement, type ColumnIds, planQuery } from "@headcut/planner";
import type { RecordBatch } from "apache-arrow";
import { batchStream } from "../batch-stream.ts";
import { writeFile } from "../output/write-file.ts";
import { parseCopyOptions } from "./copy-options.ts";
import { startQuery } from "./start-query.ts";
import type { StatementContext } from "./statement-context.ts";
import { countResult, type StatementResult } from "./statement-result.ts";

/** Writes the file, which appears whole or not at all. */
export const copyTo = async (
  { plan, names, path, format, options }: Extract<BoundStatement, { kind: "copyTo" }>,
  context: StatementContext,
  ids: ColumnIds,
): Promise<StatementResult> => {
  const output = parseCopyOptions(format, options);
  const stream = batchStream(startQuery(planQuery(plan, names, ids), context));
  let rowCount = 0;
  async function* counted(): AsyncGenerator<RecordBatch> {
    for await (const batch of stream.batches) {
      rowCount += batch.numRows;
      yield batch;
    }
  }
  try {
    await writeFile(path, output.format, { ...stream, batches: counted() }, output.options);
  } finally {
    await stream.cancel();
  }
  return countResult(rowCount);
};
