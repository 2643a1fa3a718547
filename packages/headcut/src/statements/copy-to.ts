import { type BoundStatement, type ColumnIds, planQuery } from "@headcut/planner";
import type { RecordBatch } from "apache-arrow";
import { type BatchStream, batchStream } from "../batch-stream.ts";
import { writeFile } from "../output/write-file.ts";
import { type CopyOutput, parseCopyOptions } from "./copy-options.ts";
import { startQuery } from "./start-query.ts";
import type { StatementContext } from "./statement-context.ts";
import { countResult, type StatementResult } from "./statement-result.ts";

type CopyTo = Extract<BoundStatement, { kind: "copyTo" }>;

/** The rows that are to be written. */
export const copiedRows = ({ plan, names }: CopyTo, context: StatementContext, ids: ColumnIds): StatementResult =>
  startQuery(planQuery(plan, names, ids), context);

/** Writes the file, which appears whole or not at all. */
export const copyTo = async (bound: CopyTo, context: StatementContext, ids: ColumnIds): Promise<StatementResult> => {
  const output = parseCopyOptions(bound.format, bound.options);
  return countResult(await writeRows(bound.path, output, batchStream(copiedRows(bound, context, ids))));
};

/** Writes them all, and cancels what is left of them; how many there were. */
export const writeRows = async (
  path: string,
  { format, options }: CopyOutput,
  stream: BatchStream,
): Promise<number> => {
  let rowCount = 0;
  async function* counted(): AsyncGenerator<RecordBatch> {
    for await (const batch of stream.batches) {
      rowCount += batch.numRows;
      yield batch;
    }
  }
  try {
    await writeFile(path, format, { ...stream, batches: counted() }, options);
  } finally {
    await stream.cancel();
  }
  return rowCount;
};
