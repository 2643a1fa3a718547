import { type RecordBatch, RecordBatchStreamWriter } from "apache-arrow";
import { type BatchStream, emptyBatch } from "../batch-stream.ts";
import type { OutputFormat } from "./format.ts";

/** Arrow IPC stream: schema, batches, end; a message goes out as soon as its batch has come in. */
export const writeArrow: OutputFormat = async function* (stream) {
  const writer = await RecordBatchStreamWriter.writeAll(withSchema(stream));
  for await (const chunk of writer) yield chunk;
};

/** The writer takes the schema from its first batch, so a result without rows still needs one. */
async function* withSchema(stream: BatchStream): AsyncGenerator<RecordBatch> {
  let empty = true;
  for await (const batch of stream.batches) {
    empty = false;
    yield batch;
  }
  if (empty) yield emptyBatch(stream.schema);
}
