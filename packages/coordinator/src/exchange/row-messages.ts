import type { EncodedBatch } from "@headcut/executor";
import { withChecksum } from "../flight/checksum.ts";
import type { FlightData } from "../flight/flight-data.ts";
import type { IpcColumn } from "../ipc/ipc-column.ts";

export const schemaMessage = (columns: readonly IpcColumn[]): FlightData =>
  withChecksum({ header: Buffer.from(JSON.stringify(columns)), body: [] });

export const encodeRows = (batch: EncodedBatch, _columns: readonly IpcColumn[]): readonly FlightData[] => {
  const body: Uint8Array[] = [];
  const put = (part: Uint8Array | Int32Array | undefined): number => {
    if (part === undefined) return -1;
    body.push(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
    return part.byteLength;
  };
  const columns = batch.columns.map((c) => [c.nullCount, put(c.validity), put(c.offsets), put(c.values)]);
  return [withChecksum({ header: Buffer.from(JSON.stringify({ rowCount: batch.rowCount, columns })), body })];
};

export const decodeRows = (message: FlightData, _columns: readonly IpcColumn[]): EncodedBatch => {
  const { rowCount, columns } = JSON.parse(Buffer.from(message.header).toString());
  const body = new Uint8Array(Buffer.concat(message.body));
  let at = 0;
  const take = (length: number): Uint8Array | undefined => {
    if (length < 0) return undefined;
    at += length;
    return body.slice(at - length, at);
  };
  return {
    rowCount,
    columns: columns.map(([nullCount, v, o, d]: number[]) => {
      const validity = take(v!);
      const offsets = take(o!);
      return {
        nullCount,
        validity,
        offsets: offsets && new Int32Array(offsets.buffer),
        values: take(d!)!,
      };
    }),
  };
};
