import { QueryError } from "@headcut/plan";
import type { Fragment } from "../cut/fragment.ts";
import type { Peer } from "../rpc/peer.ts";
import type { AttemptId } from "../schedule/query-state.ts";
import { decodeFromWorker, encodeToWorker, type FromWorker, type Launch, type ToWorker } from "../worker/messages.ts";
import type { WorkSession } from "../worker/worker.ts";

/** What a query has with one worker. */
export interface WorkerLink {
  launch(fragment: Fragment, launch: Launch): void;
  stop(attemptId: AttemptId): void;
  /** Ends all of the query there. Nothing is heard afterwards. Resolves when the other side has ended too. */
  close(): Promise<void>;
  /** The same for a worker that is lost: nothing is waited for. */
  abandon(): void;
}

export interface LinkEvents {
  said(message: FromWorker): void;
  /** Once: all that the worker had of the query is gone. */
  broke(error: QueryError): void;
}

/** How long a worker may take to end its side of a stream that this side has ended. */
const CLOSE_MS = 2000;

/**
 * A stream to another node. Messages are sent one behind the other, without waiting for answers; a fragment goes before its first
 * launch. `encoded` gives its bytes.
 */
export const openRemoteLink = (
  peer: Peer,
  begin: Extract<ToWorker, { kind: "begin" }>,
  encoded: (fragment: Fragment) => Uint8Array,
  events: LinkEvents,
): WorkerLink => {
  const stream = peer.open("work");
  const sent = new Set<number>();
  let over = false;
  const lose = (cause: unknown): void => {
    if (over) return;
    over = true;
    stream.cancel();
    events.broke(asQueryError(cause, peer.address));
  };
  const send = (message: ToWorker): void => {
    if (!over) stream.send(encodeToWorker(message)).catch(lose);
  };
  const listen = async (): Promise<void> => {
    try {
      for await (const bytes of stream) if (!over) events.said(decodeFromWorker(bytes));
      lose(new QueryError("io", `node ${peer.address} ended its work for the query`));
    } catch (error) {
      lose(error);
    }
  };
  send(begin);
  const ended = listen();
  return {
    launch: (fragment, launch) => {
      if (!sent.has(fragment.fragmentId)) send({ kind: "fragment", bytes: encoded(fragment) });
      sent.add(fragment.fragmentId);
      send({ kind: "launch", ...launch });
    },
    stop: (attemptId) => send({ kind: "stop", attemptId }),
    close: async () => {
      if (over) return;
      over = true;
      // Ended, not cancelled: HTTP/2 servers take many resets for an attack.
      stream.end();
      const timer = setTimeout(() => stream.cancel(), CLOSE_MS);
      await ended;
      clearTimeout(timer);
    },
    abandon: () => {
      over = true;
      stream.cancel();
    },
  };
};

/** The same with the worker of this process, which is never lost. */
export const openLocalLink = (session: WorkSession, events: Pick<LinkEvents, "said">): Omit<WorkerLink, "abandon"> => {
  const known = new Set<number>();
  let over = false;
  const listen = async (): Promise<void> => {
    for await (const message of session.events) if (!over) events.said(message);
  };
  const ended = listen();
  return {
    launch: (fragment, launch) => {
      if (!known.has(fragment.fragmentId)) session.addFragment(fragment);
      known.add(fragment.fragmentId);
      session.launch(launch);
    },
    stop: (attemptId) => session.stop(attemptId),
    close: async () => {
      over = true;
      await session.close();
      await ended;
    },
  };
};

const asQueryError = (cause: unknown, address: string): QueryError =>
  cause instanceof QueryError
    ? cause
    : new QueryError("io", `the work of node ${address} for the query broke off`, { cause });
