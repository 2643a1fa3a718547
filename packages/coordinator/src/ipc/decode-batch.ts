import type { EncodedBatch, EncodedColumn } from "@headcut/executor";
import { QueryError } from "@headcut/plan";
import type { FlightData } from "../flight/flight-data.ts";
import { countBits } from "./bits.ts";
import { type ColumnLayout, columnLayout } from "./column-layout.ts";
import { messageHeader } from "./decode-schema.ts";
import { malformed } from "./flatbuffer-reader.ts";
import type { IpcColumn } from "./ipc-column.ts";
import { decompressBuffer } from "./lz4-buffer.ts";
import { BodyCompression, CompressionType, MessageHeader, RecordBatch } from "./message-format.ts";

const MAX_ROWS = 0x7fffffff;
const EMPTY = new Uint8Array(0);

/**
 * The batch of a record batch message with these columns. Its buffers are views of the message where that is possible. Everything that the
 * engine relies on is checked but the UTF-8 of strings: a QueryError "io" otherwise; "unsupported" for other compressions than LZ4.
 */
export const decodeBatch = ({ header, body }: FlightData, columns: readonly IpcColumn[]): EncodedBatch => {
  const batch = messageHeader(header, MessageHeader.RecordBatch);
  const rowCount = batch.i64(RecordBatch.length);
  if (rowCount < 0 || rowCount > MAX_ROWS) throw malformed(`a batch of ${rowCount} rows`);
  const nodes = batch.structs(RecordBatch.nodes, 2);
  if (nodes.length !== 2 * columns.length) throw malformed(`${nodes.length / 2} columns instead of ${columns.length}`);
  const compression = batch.table(RecordBatch.compression);
  if (compression !== undefined && compression.i8(BodyCompression.codec) !== CompressionType.LZ4_FRAME) {
    throw new QueryError("unsupported", "Arrow data compressed with ZSTD", { hint: "Use LZ4, or no compression." });
  }
  const next = bufferReader(batch.structs(RecordBatch.buffers, 2), joined(body), compression !== undefined);
  const decoded = columns.map((column, i) => {
    if (nodes[2 * i] !== rowCount) throw malformed(`column "${column.name}" has ${nodes[2 * i]} rows of ${rowCount}`);
    return decodeColumn(column, rowCount, nodes[2 * i + 1]!, next);
  });
  next.end();
  return { rowCount, columns: decoded };
};

const joined = (parts: readonly Uint8Array[]): Uint8Array => (parts.length === 1 ? parts[0]! : Buffer.concat(parts));

/** The buffers of the body, one after the other. */
const bufferReader = (
  places: Float64Array,
  body: Uint8Array,
  compressed: boolean,
): (() => Uint8Array) & { end(): void } => {
  let position = 0;
  const next = (): Uint8Array => {
    if (position >= places.length) throw malformed("a buffer is missing");
    const [offset, length] = [places[position]!, places[position + 1]!];
    position += 2;
    if (offset < 0 || length < 0 || offset + length > body.length) throw malformed("a buffer lies outside of the body");
    const bytes = body.subarray(offset, offset + length);
    return compressed ? decompressBuffer(bytes) : bytes;
  };
  const end = (): void => {
    if (position !== places.length) throw malformed("it has more buffers than its columns");
  };
  return Object.assign(next, { end });
};

const decodeColumn = (
  { name, type, nullable }: IpcColumn,
  rowCount: number,
  announcedNulls: number,
  next: () => Uint8Array,
): EncodedColumn => {
  const layout = columnLayout(type);
  if (layout.kind === "none") return { nullCount: rowCount, validity: undefined, offsets: undefined, values: EMPTY };
  const bits = next();
  const bitBytes = Math.ceil(rowCount / 8);
  let validity: Uint8Array | undefined;
  let nullCount = 0;
  // Writers leave the bits out when there are no NULLs.
  if (announcedNulls !== 0) {
    if (bits.length < bitBytes) throw malformed(`the validity of column "${name}" is cut off`);
    nullCount = rowCount - countBits(bits, rowCount);
    if (nullCount !== announcedNulls) throw malformed(`column "${name}" has not as many NULLs as it says`);
    if (!nullable) throw malformed(`column "${name}" has NULLs and may not`);
    validity = bits.subarray(0, bitBytes);
  }
  return { nullCount, validity, ...decodeValues(name, layout, rowCount, next) };
};

const decodeValues = (
  name: string,
  layout: Exclude<ColumnLayout, { kind: "none" }>,
  rowCount: number,
  next: () => Uint8Array,
): Pick<EncodedColumn, "offsets" | "values"> => {
  if (layout.kind === "variable") return decodeStrings(name, rowCount, next(), next());
  const values = next();
  const bytes = layout.kind === "bits" ? Math.ceil(rowCount / 8) : rowCount * layout.bytes;
  if (values.length < bytes) throw malformed(`the values of column "${name}" are cut off`);
  const align = layout.kind === "bits" ? 1 : layout.align;
  return { offsets: undefined, values: atMultipleOf(align, values.subarray(0, bytes)) };
};

const decodeStrings = (
  name: string,
  rowCount: number,
  offsetBytes: Uint8Array,
  bytes: Uint8Array,
): { readonly offsets: Int32Array; readonly values: Uint8Array } => {
  // Of no rows, writers may leave out the one offset.
  if (rowCount === 0 && offsetBytes.length < 4) return { offsets: new Int32Array(1), values: EMPTY };
  if (offsetBytes.length < 4 * (rowCount + 1)) throw malformed(`the offsets of column "${name}" are cut off`);
  const placed = atMultipleOf(4, offsetBytes.subarray(0, 4 * (rowCount + 1)));
  const offsets = new Int32Array(placed.buffer, placed.byteOffset, rowCount + 1);
  const [first, last] = [offsets[0]!, offsets[rowCount]!];
  // Negative once an offset, or its distance from the one before, has been.
  let signs = 0;
  let before = 0;
  for (let i = 0; i <= rowCount; i++) {
    const offset = offsets[i]!;
    signs |= offset | (offset - before);
    before = offset;
  }
  if (signs < 0 || last > bytes.length) throw malformed(`the offsets of column "${name}" lead astray`);
  const values = bytes.subarray(first, last);
  return { offsets: first === 0 ? offsets : offsets.map((offset) => offset - first), values };
};

/** The same bytes where typed arrays of this element size can begin. */
const atMultipleOf = (alignment: number, bytes: Uint8Array): Uint8Array =>
  bytes.byteOffset % alignment === 0 ? bytes : Uint8Array.prototype.slice.call(bytes);
