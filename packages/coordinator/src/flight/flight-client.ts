import { QueryError } from "@headcut/plan";
import { type ClientCall, sendOnly, unaryAnswer } from "../rpc/client-call.ts";
import type { Connection } from "../rpc/connection.ts";
import type { CallOptions, Peer } from "../rpc/peer.ts";
import { verifyChecksum } from "./checksum.ts";
import type { FlightData } from "./flight-data.ts";
import { decodeFlightData, encodeFlightData } from "./flight-data-codec.ts";
import { FLIGHT } from "./flight-path.ts";
import {
  decodeActionType,
  decodeBytes,
  decodeFlightInfo,
  encodeAction,
  encodeBytes,
  encodeDescriptor,
} from "./message-codecs.ts";

const EMPTY = new Uint8Array(0);

/** Flight's methods, as a caller has them. */
export const flightClient = (
  connection: Connection,
  address: string,
): Omit<Peer, "address" | "call" | "open" | "close"> => {
  const one = async (method: string, request: Uint8Array, options: CallOptions | undefined): Promise<Uint8Array> =>
    unaryAnswer(await connection.start(FLIGHT + method, options), request, address);

  /** Leaving the loop cancels the call. */
  async function* many<T>(
    method: string,
    request: Uint8Array,
    options: CallOptions | undefined,
    decode: (message: Uint8Array) => T,
  ): AsyncGenerator<T> {
    const call = await connection.start(FLIGHT + method, options);
    sendOnly(call, request);
    yield* answers(call, decode);
  }

  async function* put(
    messages: AsyncIterable<FlightData>,
    options: CallOptions | undefined,
  ): AsyncGenerator<Uint8Array> {
    const call = await connection.start(`${FLIGHT}DoPut`, options, { streams: true });
    void sendAll(call, messages);
    yield* answers(call, decodeBytes);
  }

  return {
    fetch: (ticket, options) =>
      many("DoGet", encodeBytes(ticket), options, (message) => {
        const data = decodeFlightData(message);
        verifyChecksum(data, address, options?.checked);
        return data;
      }),
    getFlightInfo: async (descriptor, options) =>
      decodeFlightInfo(await one("GetFlightInfo", encodeDescriptor(descriptor), options)),
    getSchema: async (descriptor, options) =>
      decodeBytes(await one("GetSchema", encodeDescriptor(descriptor), options)),
    listFlights: (criteria, options) => many("ListFlights", encodeBytes(criteria), options, decodeFlightInfo),
    doPut: put,
    doAction: (action, options) => many("DoAction", encodeAction(action), options, decodeBytes),
    listActions: async (options) => {
      const found = [];
      for await (const type of many("ListActions", EMPTY, options, decodeActionType)) found.push(type);
      return found;
    },
    handshake: async (user, password, options) => {
      const basic = Buffer.from(`${user}:${password}`).toString("base64");
      const call = await connection.start(`${FLIGHT}Handshake`, options, {
        headers: { authorization: `Basic ${basic}` },
      });
      call.end();
      while ((await call.read()) !== undefined);
      for (const metadata of call.received) {
        const bearer = /^bearer +(.*)$/i.exec(metadata.get("authorization")[0]?.toString() ?? "")?.[1];
        if (bearer !== undefined) return bearer;
      }
      throw new QueryError("io", `${address} has given no token`);
    },
  };
};

async function* answers<T>(call: ClientCall, decode: (message: Uint8Array) => T): AsyncGenerator<T> {
  try {
    for (let message = await call.read(); message !== undefined; message = await call.read()) yield decode(message);
  } finally {
    call.cancel(new QueryError("cancelled", "the rest of the answer was not wanted"));
  }
}

/** What goes wrong while sending is what reading the answers throws. */
const sendAll = async (call: ClientCall, messages: AsyncIterable<FlightData>): Promise<void> => {
  try {
    for await (const data of messages) await call.send(encodeFlightData(data));
    call.end();
  } catch (error) {
    call.cancel(error as Error);
  }
};
