import type { EncodedBatch } from "@headcut/executor";
import { withChecksum } from "../flight/checksum.ts";
import type { FlightData } from "../flight/flight-data.ts";
import { decodeBatch } from "../ipc/decode-batch.ts";
import { encodeBatch } from "../ipc/encode-batch.ts";
import { encodeSchema } from "../ipc/encode-schema.ts";
import type { IpcColumn } from "../ipc/ipc-column.ts";
import { sliceBatch } from "../ipc/slice-batch.ts";

/** The first message of every output. */
export const schemaMessage = (columns: readonly IpcColumn[]): FlightData =>
  withChecksum({ header: encodeSchema(columns), body: [] });

/** The rows as messages of at most 2 MiB, where a row is not larger, compressed and with checksums. */
export function* encodeRows(batch: EncodedBatch, columns: readonly IpcColumn[]): Generator<FlightData> {
  for (const part of sliceBatch(batch, columns)) yield withChecksum(encodeBatch(part, columns, { lz4: true }));
}

/** What `encodeRows` was given, or a part of it. QueryError "io" for other messages. */
export const decodeRows: (message: FlightData, columns: readonly IpcColumn[]) => EncodedBatch = decodeBatch;
