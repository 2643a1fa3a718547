import type { EncodedBatch } from "@headcut/executor";
import { withChecksum } from "../flight/checksum.ts";
import type { FlightData } from "../flight/flight-data.ts";
import { decodeBatch } from "../ipc/decode-batch.ts";
import { encodeBatch } from "../ipc/encode-batch.ts";
import { encodeSchema } from "../ipc/encode-schema.ts";
import type { IpcColumn } from "../ipc/ipc-column.ts";

/** The first message of every output. */
export const schemaMessage = (columns: readonly IpcColumn[]): FlightData =>
  withChecksum({ header: encodeSchema(columns), body: [] });

/** The rows as a message, compressed and with its checksum, that shares no memory with them. */
export const packRows = (batch: EncodedBatch, columns: readonly IpcColumn[]): FlightData => {
  const { header, body } = encodeBatch(batch, columns, { lz4: true });
  // Its own bytes alone: parts may be views of much larger buffers, which would be kept with them.
  const whole = new Uint8Array(body.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of body) {
    whole.set(part, at);
    at += part.length;
  }
  return withChecksum({ header, body: whole.length === 0 ? [] : [whole] });
};

/** What `packRows` was given. QueryError "io" for other messages. */
export const decodeRows: (message: FlightData, columns: readonly IpcColumn[]) => EncodedBatch = decodeBatch;
