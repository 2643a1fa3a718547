import type { EncodedBatch, EncodedColumn } from "@headcut/executor";
import type { FlightData } from "../flight/flight-data.ts";
import { columnLayout } from "./column-layout.ts";
import { encodeFlatBuffer, i8, i16, i64, structs, table } from "./flatbuffer-writer.ts";
import type { IpcColumn } from "./ipc-column.ts";
import { compressBuffer } from "./lz4-buffer.ts";
import { ALIGNMENT, aligned, CompressionType, METADATA_VERSION_V5, MessageHeader } from "./message-format.ts";

export interface EncodeOptions {
  /** Compresses each buffer with LZ4, if that makes it smaller. */
  readonly lz4?: boolean;
}

const EMPTY = new Uint8Array(0);
const PADDING = new Uint8Array(ALIGNMENT);

/** The record batch message. Without compression its body is the batch's own buffers, not copied. */
export const encodeBatch = (
  batch: EncodedBatch,
  columns: readonly IpcColumn[],
  { lz4 = false }: EncodeOptions = {},
): FlightData => {
  const nodes: number[] = [];
  const buffers: number[] = [];
  const body: Uint8Array[] = [];
  let length = 0;
  columns.forEach(({ type }, i) => {
    const column = batch.columns[i]!;
    nodes.push(batch.rowCount, column.nullCount);
    for (const part of columnBuffers(column, columnLayout(type).kind)) {
      const stored = lz4 && part.length > 0 ? compressBuffer(part) : [part];
      const bytes = stored.reduce((sum, piece) => sum + piece.length, 0);
      buffers.push(length, bytes);
      if (bytes === 0) continue;
      body.push(...stored);
      const padding = aligned(bytes) - bytes;
      if (padding > 0) body.push(PADDING.subarray(0, padding));
      length += bytes + padding;
    }
  });
  const compression = lz4 ? table(i8(CompressionType.LZ4_FRAME), i8(0)) : undefined;
  const header = table(
    i64(batch.rowCount),
    structs(nodes.length / 2, nodes),
    structs(buffers.length / 2, buffers),
    compression,
  );
  return {
    header: encodeFlatBuffer(table(i16(METADATA_VERSION_V5), i8(MessageHeader.RecordBatch), header, i64(length))),
    body,
  };
};

/** In Arrow's order. */
const columnBuffers = (
  { validity = EMPTY, offsets, values }: EncodedColumn,
  layout: ReturnType<typeof columnLayout>["kind"],
): readonly Uint8Array[] => {
  switch (layout) {
    case "none":
      return [];
    case "bits":
    case "fixed":
      return [validity, values];
    case "variable":
      return [validity, new Uint8Array(offsets!.buffer, offsets!.byteOffset, offsets!.byteLength), values];
  }
};
