import { type FlightData, flightDataBytes } from "../flight/flight-data.ts";
import type { Peers } from "../rpc/peer.ts";

/** Bytes of the exchange that crossed the network, since the node's start. */
export interface ExchangeCounters {
  bytesIn: number;
  bytesOut: number;
}

/** The peers, with what is fetched from them counted. */
export const countingPeers = (peers: Peers, counters: ExchangeCounters): Pick<Peers, "peer"> => ({
  peer: (address) => {
    const peer = peers.peer(address);
    return {
      ...peer,
      fetch: (ticket, options) =>
        counted(peer.fetch(ticket, options), (bytes) => {
          counters.bytesIn += bytes;
        }),
    };
  },
});

export const counted = async function* (
  messages: AsyncIterable<FlightData>,
  count: (bytes: number) => void,
): AsyncGenerator<FlightData, void, undefined> {
  for await (const message of messages) {
    count(flightDataBytes(message));
    yield message;
  }
};
