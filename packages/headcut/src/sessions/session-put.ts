import { wire } from "@headcut/plan";
import type { SessionReference } from "./statement-ticket.ts";

/** Arrow data that a client makes a table of its session: the command of DoPut's descriptor. */
export interface SessionPut {
  readonly session: SessionReference;
  readonly name: string;
}

const { decodeMessage, encodeMessage, flag, object, text } = wire;

const put = object<SessionPut>({ session: object<SessionReference>({ id: text, create: flag }), name: text });

export const encodeSessionPut = (value: SessionPut): Uint8Array => encodeMessage("session-put", put, value);

/** QueryError "io" if the bytes are none. */
export const decodeSessionPut = (bytes: Uint8Array): SessionPut => decodeMessage("session-put", put, bytes);
