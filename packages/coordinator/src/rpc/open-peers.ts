import { assert, QueryError } from "@headcut/plan";
import { flightClient } from "../flight/flight-client.ts";
import { splitAddress } from "./address.ts";
import { type ClientCall, unaryAnswer } from "./client-call.ts";
import { openConnection } from "./connection.ts";
import type { MessageStream } from "./message-stream.ts";
import { METHOD_HEADER, NODE_CALL, NODE_OPEN } from "./node-service.ts";
import type { Peer, Peers } from "./peer.ts";
import type { Security } from "./security.ts";

/** Between nodes: others have copies of what a node has that does not answer. */
const NODE_PATIENCE_MS = 3000;

/**
 * One connection for each address, made when it is first called. A peer that is asked whether it is there and has not answered after `patienceMs` is lost; it
 * may be there and too busy to say so.
 */
export const openPeers = (security: Security, patienceMs = NODE_PATIENCE_MS): Peers => {
  const known = new Map<string, Peer>();
  return {
    peer: (address) => {
      let found = known.get(address);
      if (found === undefined) {
        found = openPeer(address, security, patienceMs, () => known.delete(address));
        known.set(address, found);
      }
      return found;
    },
    close: () => {
      for (const peer of [...known.values()]) peer.close();
    },
  };
};

/** Throws QueryError "invalid-argument" for what is no address. */
const openPeer = (address: string, security: Security, patienceMs: number, onClose: () => void): Peer => {
  splitAddress(address);
  const connection = openConnection(address, security, patienceMs);
  return {
    address,
    call: async (method, body, options) =>
      unaryAnswer(await connection.start(NODE_CALL, options, { headers: { [METHOD_HEADER]: method } }), body, address),
    open: (method, options) =>
      messageStream(connection.start(NODE_OPEN, options, { headers: { [METHOD_HEADER]: method }, streams: true })),
    ...flightClient(connection, address),
    close: () => {
      onClose();
      connection.close();
    },
  };
};

/** A stream that can be used before its call has a connection. */
const messageStream = (starting: Promise<ClientCall>): MessageStream => {
  let cancelled: Error | undefined;
  const started = starting.then((call) => {
    if (cancelled !== undefined) call.cancel(cancelled);
    return call;
  });
  started.catch(() => undefined);
  return {
    send: async (message) => {
      assert(message.length > 0, "an empty message is the end of a stream");
      return (await started).send(message);
    },
    end: () => {
      started.then(
        (call) => call.end(),
        () => undefined,
      );
    },
    cancel: (reason = new QueryError("cancelled", "the stream was cancelled")) => {
      cancelled = reason;
      started.then(
        (call) => call.cancel(reason),
        () => undefined,
      );
    },
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        const value = await (await started).read();
        return value === undefined ? { done: true, value } : { done: false, value };
      },
    }),
  };
};
