import { crc32 } from "node:zlib";
import { QueryError } from "@headcut/plan";
import type { FlightData } from "./flight-data.ts";
import { bodyOffset } from "./flight-data-codec.ts";

/**
 * Messages between nodes carry a CRC-32 of header and body in `app_metadata`: "HCRC", the sum (little-endian), and zeros up to
 * where the body, as grpc-js receives it, begins at a multiple of 8 bytes, so that its numbers can be read in place.
 */
const MAGIC = Uint8Array.from(Buffer.from("HCRC"));
const BYTES = 8;
/** What grpc-js puts before a message in the buffer it hands over. */
const FRAME_BYTES = 5;
const ALIGNMENT = 8;

const sum = ({ header, body }: FlightData): number => body.reduce((crc, part) => crc32(part, crc), crc32(header));

/** The message with its checksum instead of any `app_metadata`. */
export const withChecksum = ({ header, body }: FlightData): FlightData => {
  const crc = sum({ header, body });
  for (let padding = 0; ; padding++) {
    const appMetadata = new Uint8Array(BYTES + padding);
    const data = { header, body, appMetadata };
    if ((FRAME_BYTES + bodyOffset(data)) % ALIGNMENT !== 0) continue;
    appMetadata.set(MAGIC);
    new DataView(appMetadata.buffer).setUint32(MAGIC.length, crc, true);
    return data;
  }
};

/**
 * Throws QueryError "io" that names the peer when the message is not what `withChecksum` made. Without a checksum it passes,
 * unless one is `required`.
 */
export const verifyChecksum = (data: FlightData, address: string, required = false): void => {
  const { appMetadata } = data;
  const has =
    appMetadata !== undefined && appMetadata.length >= BYTES && MAGIC.every((byte, i) => appMetadata[i] === byte);
  if (!has) {
    if (required) throw new QueryError("io", `${address} sent a message without a checksum`);
    return;
  }
  const view = new DataView(appMetadata.buffer, appMetadata.byteOffset);
  if (view.getUint32(MAGIC.length, true) !== sum(data)) {
    throw new QueryError("io", `a message from ${address} was corrupted on its way: its checksum differs`);
  }
};
