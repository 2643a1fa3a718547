import type { FlightData } from "../flight/flight-data.ts";
import type { Action, ActionType, FlightDescriptor, FlightInfo } from "../flight/flight-messages.ts";
import type { MessageStream } from "./message-stream.ts";

export interface CallOptions {
  /** Aborting it cancels the call on both sides; what waits for it gets QueryError "cancelled", or the reason if that is a QueryError. */
  readonly signal?: AbortSignal | undefined;
  /** Until the call's end, not just its first answer; QueryError "timeout". By default none. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Another process that answers calls. Failures are QueryErrors: those the other side threw as it threw them, otherwise "io" with
 * its address for broken and impossible connections, "timeout", "cancelled", and "invalid-argument" for a refused token. A
 * connection is made by the first call; 5 s without one, or two refused attempts, are an "io". Calls are never sent twice.
 */
export interface Peer {
  /** host:port */
  readonly address: string;
  call(method: string, body: Uint8Array, options?: CallOptions): Promise<Uint8Array>;
  open(method: string, options?: CallOptions): MessageStream;
  /**
   * Flight's DoGet. Nothing is read ahead but one message and the window of HTTP/2; leaving the loop cancels the call.
   * Messages with a checksum (flight/checksum.ts) are verified; `checked` wants one on every message.
   */
  fetch(ticket: Uint8Array, options?: CallOptions & { readonly checked?: boolean }): AsyncIterable<FlightData>;
  getFlightInfo(descriptor: FlightDescriptor, options?: CallOptions): Promise<FlightInfo>;
  /** An encapsulated schema message. */
  getSchema(descriptor: FlightDescriptor, options?: CallOptions): Promise<Uint8Array>;
  listFlights(criteria: Uint8Array, options?: CallOptions): AsyncIterable<FlightInfo>;
  /** The first message has the descriptor. What comes back is the `app_metadata` of each PutResult. */
  doPut(messages: AsyncIterable<FlightData>, options?: CallOptions): AsyncIterable<Uint8Array>;
  /** The bodies of the results. */
  doAction(action: Action, options?: CallOptions): AsyncIterable<Uint8Array>;
  listActions(options?: CallOptions): Promise<readonly ActionType[]>;
  /** Trades user and password for a token. */
  handshake(user: string, password: string, options?: CallOptions): Promise<string>;
  /** Cancels what runs and closes the connection; the next call of this address opens another. */
  close(): void;
}

export interface Peers {
  /** The same Peer for the same address. */
  peer(address: string): Peer;
  close(): void;
}
