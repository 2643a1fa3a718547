import { randomUUID } from "node:crypto";
import { encapsulate, encodeSchema, type FlightDescriptor, type FlightInfo } from "@headcut/coordinator";
import { parseOne, type StatementHost, statementContext } from "../sessions/run-ticket.ts";
import { noSession } from "../sessions/session-catalog.ts";
import { signTicket } from "../sessions/sign-ticket.ts";
import { encodeStatementTicket, type StatementTicket } from "../sessions/statement-ticket.ts";
import { resultColumns } from "../statements/result-columns.ts";
import type { StatementResult } from "../statements/statement-result.ts";
import { descriptorSql } from "./descriptor-sql.ts";

/** A ticket for SQL as such: without parameters, session, or names of the client's own. */
export const plainTicket = (sql: string): StatementTicket => ({
  id: randomUUID(),
  sql,
  form: { kind: "run" },
  parameters: [],
  session: undefined,
  registered: [],
  dropsOwn: false,
  limits: { timeoutMs: undefined, elapsedMs: 0, memoryLimitBytes: undefined },
  details: false,
});

/** The schema of the statement's result, encapsulated. Nothing is run. Throws QueryError. */
export const statementSchema = async (
  ticket: StatementTicket,
  host: StatementHost,
  signal: AbortSignal,
): Promise<Uint8Array> => {
  const context = await statementContext(ticket, host, undefined, { signal });
  const columns = await resultColumns(parseOne(ticket.sql), context);
  if (columns === undefined) throw noSession();
  return encapsulatedSchema(columns);
};

export const encapsulatedSchema = (columns: StatementResult["columns"]): Uint8Array =>
  encapsulate(encodeSchema(columns));

/** One endpoint without a place: its ticket holds the statement itself, so any node can answer it, whenever it comes. */
export const flightInfo = async (
  descriptor: FlightDescriptor,
  host: StatementHost,
  token: string | undefined,
  signal: AbortSignal,
): Promise<FlightInfo> => {
  const ticket = plainTicket(descriptorSql(descriptor));
  return infoOf(ticket, descriptor, await statementSchema(ticket, host, signal), token);
};

export const infoOf = (
  ticket: StatementTicket,
  descriptor: FlightDescriptor,
  schema: Uint8Array,
  token: string | undefined,
  totalRecords = -1,
): FlightInfo => ({
  schema,
  descriptor,
  endpoints: [{ ticket: signTicket(encodeStatementTicket(ticket), token), locations: [] }],
  totalRecords,
  totalBytes: -1,
  ordered: true,
});
