import { setTimeout as sleep } from "node:timers/promises";
import { QueryError } from "@headcut/plan";
import type { StatementTicket } from "../sessions/statement-ticket.ts";
import { type ClusterLink, referenceOf, type SessionLink } from "./cluster-link.ts";
import { NodeLost } from "./node-lost.ts";
import { openRun, type RemoteRun } from "./remote-run.ts";
import type { StatementNeeds } from "./statement-needs.ts";

/** A statement on its way to some node. */
export interface Errand {
  readonly needs: StatementNeeds;
  /** What is sent, each time anew: time passes. */
  readonly ticket: (session: StatementTicket["session"]) => StatementTicket;
  readonly signal: AbortSignal;
  readonly onProgress: ((fraction: number) => void) | undefined;
  /** It sees no tables of the session: those have precedence over what it is to look at. */
  readonly apart?: true;
}

/** A node that has the session's tables is asked so often before they are given up. */
const SESSION_ATTEMPTS = 3;
const PAUSE_MS = 200;

/**
 * Starts the statement on the node of the session, if there is one, else on any; when that is lost, on another. A statement that changes
 * the session is sent once, unless the node says that it has not begun it. Throws QueryError: that of the statement, or why
 * no node answers.
 */
export const runAnywhere = async (link: ClusterLink, errand: Errand): Promise<RemoteRun> => {
  const { needs, signal } = errand;
  const cutOff = new Set<string>();
  for (let attempt = 1, onSession = 0; ; attempt++) {
    const loss = link.names.lossOf(needs.names);
    if (loss !== undefined) throw loss;
    const session = needs.makesTable ? await link.openSession(signal) : link.session();
    const address = session?.address ?? link.nodes.inOrder()[0]!;
    try {
      const run = await runOn(link, address, session, errand);
      link.nodes.answered(address);
      if (session !== undefined) session.exists = true;
      return run;
    } catch (cause) {
      if (!(cause instanceof NodeLost)) throw cause;
      link.nodes.failed(address);
      // The others have been asked meanwhile.
      if (cause.cutOff && cutOff.has(address)) throw cause.reason;
      if (cause.cutOff) cutOff.add(address);
      if (session !== undefined) {
        if (needs.changes && !cause.refused) throw uncertain(cause);
        if (cause.refused || ++onSession >= SESSION_ATTEMPTS) link.loseSession(session, cause.reason);
      }
      const count = link.nodes.inOrder().length;
      if (attempt >= 2 * count + SESSION_ATTEMPTS) throw cause.reason;
      // Each node once without waiting; the one node of a session, or all of them again, after a while.
      if (session !== undefined || attempt % count === 0) await pause(PAUSE_MS * attempt, signal);
    }
  }
};

const runOn = (
  link: ClusterLink,
  address: string,
  session: SessionLink | undefined,
  { ticket, signal, onProgress, apart }: Errand,
): Promise<RemoteRun> =>
  openRun(link.peer(address), ticket(apart ? undefined : referenceOf(session)), {
    token: link.token,
    signal,
    onProgress,
    onSession: (tables) => {
      if (link.session() === session) link.names.heard(tables);
    },
  });

const pause = async (ms: number, signal: AbortSignal): Promise<void> => {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
  if (signal.aborted) throw signal.reason;
};

const uncertain = ({ address, reason }: NodeLost): QueryError =>
  new QueryError(
    "io",
    `the connection to ${address} was lost while the statement ran: it may have taken effect, or not`,
    {
      cause: reason,
      hint: "Look at the table, then run the statement again if it is needed.",
    },
  );
