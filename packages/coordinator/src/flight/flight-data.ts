import type { FlightDescriptor } from "./flight-messages.ts";

/** One message of a Flight stream of Arrow data. */
export interface FlightData {
  /** Arrow's Message flatbuffer, bare; empty when the message carries metadata alone. */
  readonly header: Uint8Array;
  /** The parts of Arrow's message body, in order and with their padding. One part when it was received. */
  readonly body: readonly Uint8Array[];
  readonly appMetadata?: Uint8Array;
  /** Of the first message of DoPut. */
  readonly descriptor?: FlightDescriptor;
}

/** What the message takes in memory. */
export const flightDataBytes = ({ header, body, appMetadata }: FlightData): number =>
  body.reduce((sum, part) => sum + part.byteLength, header.byteLength + (appMetadata?.byteLength ?? 0));
