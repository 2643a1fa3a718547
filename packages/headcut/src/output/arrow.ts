import { arrowSchema, loadArrow } from "@headcut/executor";
import type { RecordBatch } from "apache-arrow";
import { emptyBatch, recordBatches } from "../batch-stream.ts";
import type { OutputFormat, OutputRows } from "./format.ts";

/** Arrow IPC stream: schema, batches, end; a message goes out as soon as its batch has come in. */
export const writeArrow: OutputFormat = async function* (result) {
  const { RecordBatchStreamWriter } = await loadArrow();
  const writer = await RecordBatchStreamWriter.writeAll(withSchema(result));
  for await (const chunk of writer) yield chunk;
};

/** The writer takes the schema from its first batch, so a result without rows still needs one. */
async function* withSchema(result: OutputRows): AsyncGenerator<RecordBatch> {
  let empty = true;
  for await (const batch of recordBatches(result)) {
    empty = false;
    yield batch;
  }
  if (!empty) return;
  const arrow = await loadArrow();
  yield emptyBatch(arrow, arrowSchema(arrow, result.columns));
}
