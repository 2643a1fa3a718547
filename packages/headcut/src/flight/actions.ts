import {
  type Action,
  type ActionType,
  type CallContext,
  type ClusterNodeHandle,
  decodeBytes,
  decodeFlightInfo,
} from "@headcut/coordinator";
import { QueryError } from "@headcut/plan";
import { CLOSE_SESSION_ACTION, decodeClientHello, encodeNodeHello, HELLO_ACTION } from "../sessions/node-hello.ts";
import type { Sessions } from "../sessions/sessions.ts";

export const ACTION_TYPES: readonly ActionType[] = [
  { type: "CancelFlightInfo", description: "Stops the query of a FlightInfo, if this node runs it." },
  { type: "CloseSession", description: "Ends the session of the client's cookie." },
  { type: HELLO_ACTION, description: "headcut's own client: keeps a session, asks for nodes and tables." },
  { type: CLOSE_SESSION_ACTION, description: "headcut's own client: ends a session." },
];

/** Of CancelFlightInfoResult and CloseSessionResult: field 1, an enumeration. */
const STATUS = { cancelled: 1, closed: 1, notPossible: 3 } as const;
const statusMessage = (status: number): Uint8Array => Uint8Array.of(0x08, status);

export interface ActionHost {
  readonly node: Pick<ClusterNodeHandle, "nodeId" | "address" | "members" | "catalog" | "engine">;
  readonly sessions: Sessions;
  /** Stops the statement of a ticket; false when it does not run here. */
  cancel(ticket: Uint8Array): boolean;
}

/** Flight's DoAction; the bodies of the results. Throws QueryError "unsupported" for actions that are not known. */
export async function* doAction(
  { type, body }: Action,
  { node, sessions, cancel }: ActionHost,
  context: CallContext,
): AsyncGenerator<Uint8Array> {
  switch (type) {
    case "CancelFlightInfo": {
      // CancelFlightInfoRequest: field 1 is the FlightInfo.
      const { endpoints } = decodeFlightInfo(decodeBytes(body));
      const cancelled = endpoints.map(({ ticket }) => cancel(ticket));
      yield statusMessage(cancelled.includes(true) ? STATUS.cancelled : STATUS.notPossible);
      return;
    }
    case "CloseSession": {
      const id = sessionCookie(context.header("cookie"));
      yield statusMessage(id !== undefined && sessions.close(id) ? STATUS.closed : STATUS.notPossible);
      return;
    }
    case CLOSE_SESSION_ACTION: {
      const { session } = decodeClientHello(body);
      if (session !== undefined) sessions.close(session);
      return;
    }
    case HELLO_ACTION: {
      const { session } = decodeClientHello(body);
      const others = node.members().filter(({ nodeId, status }) => nodeId !== node.nodeId && status === "alive");
      yield encodeNodeHello({
        nodeId: node.nodeId,
        addresses: [node.address, ...others.map(({ address }) => address)],
        tables: await node.catalog.tableNames(),
        freeBytes: node.engine.freeBytes(),
        hasSession: session !== undefined && sessions.touch(session),
      });
      return;
    }
    default:
      throw new QueryError("unsupported", `there is no action ${type}`, {
        hint: `ListActions names those there are: ${ACTION_TYPES.map((known) => known.type).join(", ")}.`,
      });
  }
}

const COOKIE = /(?:^|;)\s*arrow_flight_session_id=([^;\s]+)/;

const sessionCookie = (header: string | undefined): string | undefined => COOKIE.exec(header ?? "")?.[1];
