import { QueryError } from "@headcut/plan";
import { verifyChecksum } from "../../src/flight/checksum.ts";
import type { FlightData } from "../../src/flight/flight-data.ts";
import type { MessageStream } from "../../src/rpc/message-stream.ts";
import type { Peer, Peers } from "../../src/rpc/peer.ts";
import { decodeOutputTicket } from "../../src/worker/messages.ts";
import type { Worker } from "../../src/worker/worker.ts";

interface End extends MessageStream {
  take(message: Uint8Array): void;
  finish(error?: Error): void;
}

const streamEnd = (other: () => End): End => {
  const waiting: Uint8Array[] = [];
  let ended = false;
  let failure: Error | undefined;
  let wake: (() => void) | undefined;
  return {
    take: (message) => {
      waiting.push(message);
      wake?.();
    },
    finish: (error) => {
      if (ended) return;
      ended = true;
      failure = error;
      wake?.();
    },
    send: async (message) => {
      await Promise.resolve();
      if (failure !== undefined) throw failure;
      other().take(message.slice());
    },
    end: () => other().finish(),
    cancel(reason = new QueryError("cancelled", "the stream was cancelled")) {
      this.finish(reason);
      other().finish(new QueryError("io", "the stream broke"));
    },
    async *[Symbol.asyncIterator]() {
      for (;;) {
        while (waiting.length > 0) yield waiting.shift()!;
        if (failure !== undefined) throw failure;
        if (ended) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
};

/** Two ends of a stream in this process. */
export const streamPair = (): readonly [MessageStream, MessageStream] => {
  const a: End = streamEnd(() => b);
  const b: End = streamEnd(() => a);
  return [a, b];
};

/** What may happen to a message on its way. Throwing breaks the call. */
export type Meddle = (address: string, message: FlightData, position: number) => FlightData | Promise<FlightData>;

/** Peers that fetch from workers of this process, by address. */
export const loopbackPeers = (
  workers: ReadonlyMap<string, Worker>,
  meddle: Meddle = (_, message) => message,
): Pick<Peers, "peer"> => ({
  peer: (address) =>
    ({
      address,
      async *fetch(ticket, { signal } = {}) {
        const worker = workers.get(address);
        if (worker === undefined) throw new QueryError("io", `${address} cannot be reached`);
        let position = 0;
        for await (const message of worker.output(decodeOutputTicket(ticket))) {
          // As over a network: other messages get their turn.
          await new Promise(setImmediate);
          signal?.throwIfAborted();
          const arrived = await meddle(address, message, position++);
          verifyChecksum(arrived, address, true);
          yield arrived;
        }
      },
    }) as Partial<Peer> as Peer,
});
