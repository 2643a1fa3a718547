import { type ClusterReport, decodeBatch, decodeSchema, type FlightData, type Peer } from "@headcut/coordinator";
import type { EncodedBatch } from "@headcut/executor";
import { QueryError } from "@headcut/plan";
import { signTicket } from "../sessions/sign-ticket.ts";
import { decodeDetail, errorOf, reportOf } from "../sessions/statement-detail.ts";
import { encodeStatementTicket, type StatementTicket } from "../sessions/statement-ticket.ts";
import type { StatementResult } from "../statements/statement-result.ts";
import { asNodeLost, NodeLost } from "./node-lost.ts";

/** A statement that one node answers. */
export interface RemoteRun {
  readonly columns: StatementResult["columns"];
  /** To be read once. Leaving the loop stops the statement. Throws QueryError, NodeLost. */
  readonly batches: AsyncGenerator<EncodedBatch, void, undefined>;
  /** Once all batches were read. */
  report(): ClusterReport | undefined;
}

export interface RemoteRunOptions {
  readonly token: string | undefined;
  readonly signal: AbortSignal;
  readonly onProgress: ((fraction: number) => void) | undefined;
  readonly onSession: (session: { readonly tables: readonly string[]; readonly version: number }) => void;
}

/** Resolves when the node says what columns there are: a statement other than a query is done then. Throws QueryError, NodeLost. */
export const openRun = async (peer: Peer, ticket: StatementTicket, options: RemoteRunOptions): Promise<RemoteRun> => {
  const { address } = peer;
  const { token, signal, onProgress, onSession } = options;
  const messages = peer.fetch(signTicket(encodeStatementTicket(ticket), token), { signal })[Symbol.asyncIterator]();
  let report: ClusterReport | undefined;

  const hear = (metadata: Uint8Array): void => {
    const detail = decodeDetail(metadata);
    switch (detail.kind) {
      case "progress":
        onProgress?.(detail.fraction);
        return;
      case "session":
        onSession(detail);
        return;
      case "report":
        report = reportOf(detail.report);
        return;
      case "failed": {
        const error = errorOf(detail.failure);
        if (detail.failure.cutOff) throw new NodeLost(address, error, { cutOff: true });
        // It was the node that did not want to, or stopped; an "io" is the statement's own.
        throw error.code === "io" ? error : asNodeLost(error, address, !signal.aborted);
      }
    }
  };
  const received = async (): Promise<IteratorResult<FlightData>> => {
    try {
      return await messages.next();
    } catch (cause) {
      throw asNodeLost(cause, address, !signal.aborted);
    }
  };
  /** The next message with Arrow data; undefined at the end. */
  const next = async (): Promise<FlightData | undefined> => {
    for (;;) {
      const { done, value } = await received();
      if (done === true) return undefined;
      if (value.appMetadata !== undefined && value.header.length === 0) hear(value.appMetadata);
      else return value;
    }
  };
  const leave = async (): Promise<void> => {
    await messages.return?.();
  };

  try {
    const first = await next();
    if (first === undefined) throw new NodeLost(address, new QueryError("io", `${address} has answered nothing`));
    const columns = decodeSchema(first.header);
    return { columns, batches: batches(columns, next, leave), report: () => report };
  } catch (cause) {
    await leave().catch(() => undefined);
    throw cause;
  }
};

async function* batches(
  columns: StatementResult["columns"],
  next: () => Promise<FlightData | undefined>,
  leave: () => Promise<void>,
): AsyncGenerator<EncodedBatch, void, undefined> {
  try {
    for (;;) {
      const message = await next();
      if (message === undefined) return;
      yield decodeBatch(message, columns);
    }
  } finally {
    await leave().catch(() => undefined);
  }
}
