import type { FlightData } from "@headcut/coordinator";
import { loadArrow } from "@headcut/executor";
import type { RecordBatch, Schema } from "apache-arrow";
import { emptyBatch } from "../batch-stream.ts";
import { encodeSessionPut, type SessionPut } from "../sessions/session-put.ts";

/** About what one message may hold; nodes and clients refuse much larger ones. */
const MAX_BATCH_BYTES = 2 ** 20;

/** Arrow data as Flight's DoPut sends it, for a table of the session. */
export async function* putMessages(
  put: SessionPut,
  schema: Schema,
  batches: readonly RecordBatch[],
): AsyncGenerator<FlightData> {
  const descriptor = { kind: "command", command: encodeSessionPut(put) } as const;
  const pieces = batches.length === 0 ? [emptyBatch(await loadArrow(), schema)] : batches.flatMap(sliced);
  let isFirst = true;
  for await (const message of ipcMessages(pieces)) {
    yield isFirst ? { ...message, descriptor } : message;
    isFirst = false;
  }
}

const sliced = (batch: RecordBatch): RecordBatch[] => {
  const rows = Math.max(1, Math.floor((batch.numRows * MAX_BATCH_BYTES) / Math.max(1, batch.data.byteLength)));
  if (rows >= batch.numRows) return [batch];
  return Array.from({ length: Math.ceil(batch.numRows / rows) }, (_, i) => batch.slice(i * rows, (i + 1) * rows));
};

/** Arrow's IPC stream, cut into the messages it is made of. */
async function* ipcMessages(batches: readonly RecordBatch[]): AsyncGenerator<FlightData> {
  let rest = Buffer.alloc(0);
  const { RecordBatchStreamWriter } = await loadArrow();
  const writer = await RecordBatchStreamWriter.writeAll(yieldAll(batches));
  for await (const chunk of writer) {
    rest = Buffer.concat([rest, chunk]);
    for (let message = firstMessage(rest); message !== undefined; message = firstMessage(rest)) {
      rest = rest.subarray(message.bytes);
      if (message.data.header.length > 0) yield message.data;
    }
  }
}

/** The writer takes the schema from the first batch; a list of them it would take for rows. */
async function* yieldAll(batches: readonly RecordBatch[]): AsyncGenerator<RecordBatch> {
  yield* batches;
}

const PREFIX_BYTES = 8;

/**
 * The message that `bytes` begins with, when it is all there. https://arrow.apache.org/docs/format/Columnar.html#encapsulated-message-format:
 * 0xFFFFFFFF, the length of the header as int32, the header, the body.
 */
const firstMessage = (bytes: Buffer): { readonly data: FlightData; readonly bytes: number } | undefined => {
  if (bytes.length < PREFIX_BYTES) return undefined;
  const headerEnd = PREFIX_BYTES + bytes.readInt32LE(4);
  if (bytes.length < headerEnd) return undefined;
  const header = bytes.subarray(PREFIX_BYTES, headerEnd);
  const end = headerEnd + (header.length === 0 ? 0 : bodyLength(header));
  if (bytes.length < end) return undefined;
  return { data: { header, body: [bytes.subarray(headerEnd, end)] }, bytes: end };
};

/** Field 3 of the table `Message`: see Arrow's Message.fbs. */
const BODY_LENGTH_SLOT = 4 + 2 * 3;

const bodyLength = (header: Buffer): number => {
  const table = header.readUInt32LE(0);
  const vtable = table - header.readInt32LE(table);
  const field = BODY_LENGTH_SLOT < header.readUInt16LE(vtable) ? header.readUInt16LE(vtable + BODY_LENGTH_SLOT) : 0;
  return field === 0 ? 0 : Number(header.readBigInt64LE(table + field));
};
