import type { EncodedBatch } from "@headcut/executor";
import { type BoundStatement, type ColumnIds, planQuery } from "@headcut/planner";
import { outputFormats } from "../output/formats.ts";
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
  return countResult(await writeRows(bound.path, output, copiedRows(bound, context, ids)));
};

/** Writes them all, and cancels what is left of them; how many there were. */
export const writeRows = async (
  path: string,
  { format, options }: CopyOutput,
  result: StatementResult,
): Promise<number> => {
  let rowCount = 0;
  async function* counted(): AsyncGenerator<EncodedBatch> {
    for await (const batch of result.encodedBatches()) {
      rowCount += batch.rowCount;
      yield batch;
    }
  }
  try {
    await writeFile(path, outputFormats[format]({ columns: result.columns, encodedBatches: counted }, options));
  } finally {
    await result.cancel();
  }
  return rowCount;
};
