import type { FlightData } from "./flight-data.ts";
import type { FlightDescriptor } from "./flight-messages.ts";
import { decodeDescriptor, encodeDescriptor } from "./message-codecs.ts";
import { asBytes, bytesField, readFields, varint } from "./protobuf.ts";

// Fields of FlightData. The body's number is far from the others, so that it is written last.
const DESCRIPTOR = 1;
const HEADER = 2;
const APP_METADATA = 3;
const BODY = 1000;
const BYTES = 2;

/** Everything before the bytes of the body. */
const prefix = ({ header, body, appMetadata, descriptor }: FlightData, bodyBytes: number): Uint8Array[] => [
  ...(descriptor === undefined ? [] : bytesField(DESCRIPTOR, encodeDescriptor(descriptor))),
  ...bytesField(HEADER, header),
  ...bytesField(APP_METADATA, appMetadata),
  ...(body.length === 0 ? [] : [Uint8Array.from([...varint(BODY * 8 + BYTES), ...varint(bodyBytes)])]),
];

const total = (parts: readonly Uint8Array[]): number => parts.reduce((sum, part) => sum + part.byteLength, 0);

export const encodeFlightData = (data: FlightData): Buffer => {
  const bodyBytes = total(data.body);
  const parts = [...prefix(data, bodyBytes), ...data.body];
  return Buffer.concat(parts, total(parts));
};

/**
 * The encoded message for a stream of the server, written once: grpc-js copies what it sends behind a prefix of its own, and asks
 * for no more of a message than its length and that copy.
 */
export const scatteredFlightData = (data: FlightData): Buffer => {
  const bodyBytes = total(data.body);
  const parts = [...prefix(data, bodyBytes), ...data.body];
  const length = total(parts);
  const scattered = {
    length,
    byteLength: length,
    copy: (target: Uint8Array, at = 0): number => {
      let position = at;
      for (const part of parts) {
        target.set(part, position);
        position += part.byteLength;
      }
      return length;
    },
  };
  return scattered as unknown as Buffer;
};

/** Where the body begins in the encoded message. */
export const bodyOffset = (data: FlightData): number => total(prefix(data, total(data.body)));

/** Views of `bytes`. Throws QueryError "io". */
export const decodeFlightData = (bytes: Uint8Array): FlightData => {
  let header: Uint8Array = new Uint8Array(0);
  let body: Uint8Array | undefined;
  let appMetadata: Uint8Array | undefined;
  let descriptor: FlightDescriptor | undefined;
  readFields(bytes, (field, value) => {
    if (field === HEADER) header = asBytes(value);
    else if (field === BODY) body = asBytes(value);
    else if (field === APP_METADATA) appMetadata = asBytes(value);
    else if (field === DESCRIPTOR) descriptor = decodeDescriptor(asBytes(value));
  });
  return {
    header,
    body: body === undefined ? [] : [body],
    ...(appMetadata === undefined ? {} : { appMetadata }),
    ...(descriptor === undefined ? {} : { descriptor }),
  };
};
