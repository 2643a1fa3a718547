import { randomUUID } from "node:crypto";
import type { Peer, Peers } from "@headcut/coordinator";
import { QueryError } from "@headcut/plan";
import {
  CLOSE_SESSION_ACTION,
  decodeNodeHello,
  encodeClientHello,
  HELLO_ACTION,
  type NodeHello,
} from "../sessions/node-hello.ts";
import type { SessionReference } from "../sessions/statement-ticket.ts";
import { type KnownNodes, knownNodes } from "./known-nodes.ts";
import { asNodeLost, NodeLost } from "./node-lost.ts";
import { type OwnNames, ownNames } from "./own-names.ts";

/** Where a connection's in-memory tables are. */
export interface SessionLink {
  readonly id: string;
  readonly address: string;
  /** The node has answered with it once: if it is not there later, it is lost. */
  exists: boolean;
}

/** What a connection knows of its cluster. */
export interface ClusterLink {
  readonly token: string | undefined;
  readonly nodes: KnownNodes;
  readonly names: OwnNames;
  peer(address: string): Peer;
  session(): SessionLink | undefined;
  /** Finds a node for it when there is none. Throws QueryError "io" when no node answers. */
  openSession(signal: AbortSignal): Promise<SessionLink>;
  /** The session is gone, if it still is this one. */
  loseSession(session: SessionLink, reason: QueryError): void;
  /** Asks node after node until one answers. Throws QueryError "io" when none does. */
  greetAny(signal: AbortSignal): Promise<string>;
  lastHello(): NodeHello | undefined;
  /** Ends the session and all calls. */
  close(): Promise<void>;
}

const HELLO_TIMEOUT_MS = 5000;
/** A node forgets sessions of which it hears nothing for several minutes. */
const HEARTBEAT_MS = 60_000;
const CLOSE_TIMEOUT_MS = 1000;

export const openLink = (peers: Peers, addresses: readonly string[], token: string | undefined): ClusterLink => {
  const nodes = knownNodes(addresses);
  const names = ownNames();
  let session: SessionLink | undefined;
  let opening: Promise<SessionLink> | undefined;
  let hello: NodeHello | undefined;
  let closed = false;

  /** Throws NodeLost, QueryError. */
  const greet = async (address: string, signal?: AbortSignal): Promise<NodeHello> => {
    const body = encodeClientHello({ session: session?.address === address ? session.id : undefined });
    const peer = peers.peer(address);
    try {
      for await (const answer of peer.doAction({ type: HELLO_ACTION, body }, { signal, timeoutMs: HELLO_TIMEOUT_MS })) {
        hello = decodeNodeHello(answer);
        nodes.learn(hello.addresses);
        return hello;
      }
      throw new QueryError("io", `${address} has answered nothing`);
    } catch (cause) {
      if (cause instanceof QueryError && cause.code === "timeout") throw new NodeLost(address, cause);
      throw asNodeLost(cause, address, signal?.aborted !== true);
    }
  };
  const greetAny = async (signal: AbortSignal): Promise<string> => {
    let reason: QueryError | undefined;
    // Those that are learnt on the way are asked too.
    for (const asked = new Set<string>(); ; ) {
      const address = nodes.inOrder().find((known) => !asked.has(known));
      if (address === undefined) break;
      asked.add(address);
      try {
        await greet(address, signal);
        nodes.answered(address);
        return address;
      } catch (cause) {
        if (!(cause instanceof NodeLost)) throw cause;
        nodes.failed(address);
        reason = cause.reason;
      }
    }
    throw new QueryError("io", `no node of the cluster answers: ${reason!.message}`, { cause: reason });
  };
  const loseSession = (lost: SessionLink, reason: QueryError): void => {
    if (session !== lost) return;
    session = undefined;
    names.lose(reason);
  };
  const heartbeat = async (): Promise<void> => {
    const kept = session;
    try {
      const { hasSession } = await greet(kept?.address ?? nodes.inOrder()[0]!);
      if (kept?.exists === true && !hasSession) loseSession(kept, new QueryError("closed", "its node has closed it"));
    } catch {
      // The next statement finds out, and tells its caller.
    }
  };
  const timer = setInterval(heartbeat, HEARTBEAT_MS).unref();

  return {
    token,
    nodes,
    names,
    peer: (address) => {
      if (closed) throw new QueryError("closed", "the connection is closed");
      return peers.peer(address);
    },
    session: () => session,
    openSession: async (signal) => {
      if (session !== undefined) return session;
      opening ??= greetAny(signal)
        .then((address) => {
          session = { id: randomUUID(), address, exists: false };
          return session;
        })
        .finally(() => {
          opening = undefined;
        });
      return opening;
    },
    loseSession,
    greetAny,
    lastHello: () => hello,
    close: async () => {
      closed = true;
      clearInterval(timer);
      if (session !== undefined) await endSession(peers.peer(session.address), session.id);
      peers.close();
    },
  };
};

/** At least tried: the node forgets it in time anyway. */
const endSession = async (peer: Peer, id: string): Promise<void> => {
  const action = { type: CLOSE_SESSION_ACTION, body: encodeClientHello({ session: id }) };
  try {
    for await (const _ of peer.doAction(action, { timeoutMs: CLOSE_TIMEOUT_MS }));
  } catch {
    // Whatever it says, we leave.
  }
};

export const referenceOf = (session: SessionLink | undefined): SessionReference | undefined =>
  session && { id: session.id, create: !session.exists };
