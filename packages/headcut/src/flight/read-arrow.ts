import { encapsulate, type FlightData } from "@headcut/coordinator";
import { loadArrow } from "@headcut/executor";
import { QueryError } from "@headcut/plan";
import type { RecordBatch, Schema } from "apache-arrow";

/** The record batches that a client puts: of any Arrow types, dictionaries too. */
export interface PutBatches {
  readonly schema: Schema;
  readonly batches: AsyncIterable<RecordBatch>;
}

/** Reads the schema. Throws QueryError "invalid-argument" for what is no stream of Arrow data. */
export const readArrow = async (messages: AsyncIterable<FlightData>): Promise<PutBatches> => {
  const { RecordBatchReader } = await loadArrow();
  try {
    const reader = await RecordBatchReader.from(ipcStream(messages));
    await reader.open();
    return { schema: reader.schema, batches: checked(reader) };
  } catch (cause) {
    throw notArrow(cause);
  }
};

async function* checked(reader: AsyncIterable<RecordBatch>): AsyncGenerator<RecordBatch> {
  try {
    for await (const batch of reader) yield batch;
  } catch (cause) {
    throw notArrow(cause);
  }
}

/** Arrow's IPC stream: what Flight sends bare has its length before it there. */
async function* ipcStream(messages: AsyncIterable<FlightData>): AsyncGenerator<Uint8Array> {
  for await (const { header, body } of messages) {
    if (header.length === 0) continue;
    yield encapsulate(header);
    yield* body;
  }
}

const notArrow = (cause: unknown): unknown => {
  if (cause instanceof QueryError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new QueryError("invalid-argument", `the messages are no Arrow data that can be read: ${reason}`, { cause });
};
