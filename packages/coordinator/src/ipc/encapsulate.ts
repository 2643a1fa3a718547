import { malformed } from "./flatbuffer-reader.ts";
import { aligned } from "./message-format.ts";

/** https://arrow.apache.org/docs/format/Columnar.html#encapsulated-message-format */
const CONTINUATION = 0xffffffff;
const PREFIX_BYTES = 8;

/** A message as streams, files and `FlightInfo.schema` have it: behind a mark and its padded length, before its body. */
export const encapsulate = (header: Uint8Array, body: readonly Uint8Array[] = []): Uint8Array => {
  const length = aligned(header.length);
  const prefix = new Uint8Array(PREFIX_BYTES);
  const view = new DataView(prefix.buffer);
  view.setUint32(0, CONTINUATION, true);
  view.setInt32(4, length, true);
  return Buffer.concat([prefix, header, new Uint8Array(length - header.length), ...body]);
};

/** What ends a stream of encapsulated messages. */
export const END_OF_STREAM = Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 0);

/** The header of the encapsulated message that `bytes` begin with. Throws QueryError "io". */
export const encapsulatedHeader = (bytes: Uint8Array): Uint8Array => {
  if (bytes.length < PREFIX_BYTES) throw malformed("it is cut off");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // Writers before Arrow 0.15 had no mark.
  const marked = view.getUint32(0, true) === CONTINUATION;
  const start = marked ? PREFIX_BYTES : 4;
  const length = view.getInt32(start - 4, true);
  if (length < 0 || length > bytes.length - start) throw malformed("it is cut off");
  return bytes.subarray(start, start + length);
};
