import { QueryError } from "@headcut/plan";
import type { PieceReader } from "../io/byte-source.ts";
import { openLocalFile } from "../io/local-file.ts";
import { isObjectPath } from "../io/s3/location.ts";
import type { ParquetScanFile, ParquetScanPlan } from "../parquet/scan-plan.ts";
import type { TaskContext } from "./task-context.ts";

/** How to open the files of a scan; undefined when all are local. What is being read ends when the query is stopped. */
export const farSource = (
  { runtime, task, control }: TaskContext,
  { files, fillCache }: ParquetScanPlan,
): ((file: ParquetScanFile) => PieceReader) | undefined => {
  const { openFar } = runtime;
  if (openFar === undefined || !files.some(({ path }) => isObjectPath(path))) return undefined;
  const checkWanted = (): void => {
    if (control.stopped()) throw new QueryError("cancelled", "the query was cancelled");
  };
  const options = { queryId: task.queryId, checkWanted, fillCache };
  return ({ path, identity }) =>
    isObjectPath(path) ? openFar(path, identity, options) : openLocalFile(path, identity);
};
