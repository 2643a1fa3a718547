import type { CallContext } from "../rpc/call-context.ts";
import type { FlightData } from "./flight-data.ts";
import type { Action, ActionType, FlightDescriptor, FlightInfo, PollInfo } from "./flight-messages.ts";

/**
 * What a Flight server answers; Handshake is the server's own. Iterables are read as fast as the client takes them, and returned from
 * when it goes away. What is thrown reaches the client: a QueryError as it is, anything else as an internal error.
 */
export interface FlightService {
  getFlightInfo(descriptor: FlightDescriptor, context: CallContext): Promise<FlightInfo>;
  /** An encapsulated schema message. */
  getSchema(descriptor: FlightDescriptor, context: CallContext): Promise<Uint8Array>;
  listFlights(criteria: Uint8Array, context: CallContext): AsyncIterable<FlightInfo>;
  /** The schema message first, even when there are no rows. */
  doGet(ticket: Uint8Array, context: CallContext): AsyncIterable<FlightData>;
  /** Yields the `app_metadata` of each PutResult. One message is read ahead. */
  doPut(messages: AsyncIterable<FlightData>, context: CallContext): AsyncIterable<Uint8Array>;
  /** Yields the bodies of the results. */
  doAction(action: Action, context: CallContext): AsyncIterable<Uint8Array>;
  listActions(context: CallContext): Promise<readonly ActionType[]>;
  /** Clients are told UNIMPLEMENTED when these are absent. */
  pollFlightInfo?(descriptor: FlightDescriptor, context: CallContext): Promise<PollInfo>;
  doExchange?(messages: AsyncIterable<FlightData>, context: CallContext): AsyncIterable<FlightData>;
}
