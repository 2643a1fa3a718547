import type { ClusterNodeHandle, FlightService } from "@headcut/coordinator";
import { QueryError } from "@headcut/plan";
import type { StatementHost } from "../sessions/run-ticket.ts";
import { DEFAULT_SESSION_LIMITS, openSessions, type SessionLimits } from "../sessions/sessions.ts";
import { openTicket } from "../sessions/sign-ticket.ts";
import { decodeStatementTicket, type StatementTicket } from "../sessions/statement-ticket.ts";
import { ACTION_TYPES, doAction } from "./actions.ts";
import { descriptorSql } from "./descriptor-sql.ts";
import { flightInfo, plainTicket, statementSchema } from "./flight-info.ts";
import { listTables } from "./list-tables.ts";
import { type AppendToTable, putRows } from "./put.ts";
import { runningStatements } from "./running-statements.ts";
import { statementMessages } from "./statement-messages.ts";

export interface FlightOptions {
  /** The cluster's: tickets are signed with it. */
  readonly token?: string | undefined;
  readonly sessions?: Partial<SessionLimits> | undefined;
  /** Directories of this node whose files clients may name in FROM, besides the node's data directory. */
  readonly directories?: readonly string[] | undefined;
  /** How rows of DoPut become shards; without it they are refused. */
  readonly append?: AppendToTable | undefined;
}

/** What a node answers to Arrow Flight's clients, headcut's own among them. Sessions end with the node. */
export const flightService = (node: ClusterNodeHandle, options: FlightOptions = {}): FlightService => {
  const { token, append } = options;
  const sessions = openSessions(node.engine.tables, { ...DEFAULT_SESSION_LIMITS, ...options.sessions });
  node.closed.then(sessions.closeAll, sessions.closeAll);
  const host: StatementHost = {
    node,
    sessions,
    directories: [node.shards.directory, ...(options.directories ?? [])],
  };
  const running = runningStatements();
  const checkReady = (): void => {
    if (node.members()[0]?.status === "alive") return;
    throw new QueryError("closed", `node ${node.nodeId} takes no more statements: it is about to stop`);
  };
  const read = (bytes: Uint8Array): StatementTicket => decodeStatementTicket(openTicket(bytes, token));

  return {
    getFlightInfo: (descriptor, { signal }) => flightInfo(descriptor, host, token, signal),
    getSchema: async (descriptor, { signal }) => statementSchema(plainTicket(descriptorSql(descriptor)), host, signal),
    listFlights: (criteria) => listTables(host, criteria, token),
    doGet: async function* (bytes, context) {
      const ticket = read(bytes);
      checkReady();
      const { signal, done } = running.begin(ticket.id, context.signal);
      try {
        yield* statementMessages(ticket, host, signal);
      } finally {
        done();
      }
    },
    doPut: async function* (messages, { signal }) {
      checkReady();
      yield* putRows(messages, { sessions, append }, signal);
    },
    doAction: (action, context) =>
      doAction(action, { node, sessions, cancel: (bytes) => running.cancel(read(bytes).id) }, context),
    listActions: async () => ACTION_TYPES,
  };
};
