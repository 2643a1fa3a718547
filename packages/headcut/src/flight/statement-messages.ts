import { encodeBatch, encodeSchema, type FlightData, sliceBatch } from "@headcut/coordinator";
import type { EncodedBatch } from "@headcut/executor";
import { QueryError } from "@headcut/plan";
import { type StatementHost, startTicket, type TicketRun } from "../sessions/run-ticket.ts";
import { encodeDetail, failureOf, reportMessage, type StatementDetail } from "../sessions/statement-detail.ts";
import type { StatementTicket } from "../sessions/statement-ticket.ts";

/** What Flight's clients take in one message: several refuse more than 4 MiB. */
const MAX_BODY_BYTES = 2 ** 20;

/**
 * A statement's answer as Flight sends it: the schema, also when there are no rows, then batches of at most about 1 MiB. Among and
 * after them what the ticket's owner wants to know, if it does: its failure too, as a message instead of a status.
 */
export async function* statementMessages(
  ticket: StatementTicket,
  host: StatementHost,
  signal: AbortSignal,
): AsyncGenerator<FlightData> {
  if (!ticket.details) {
    yield* rows(await startTicket(ticket, host, { signal }));
    return;
  }
  const progress = latest<number>();
  const messages = detailed(ticket, host, signal, progress.report);
  try {
    yield* withProgress(messages, progress);
  } catch (cause) {
    if (!(cause instanceof QueryError)) throw cause;
    yield detailMessage({ kind: "failed", failure: failureOf(cause) });
  } finally {
    await messages.return(undefined);
  }
}

async function* detailed(
  ticket: StatementTicket,
  host: StatementHost,
  signal: AbortSignal,
  onProgress: (fraction: number) => void,
): AsyncGenerator<FlightData, void, undefined> {
  const run = await startTicket(ticket, host, { signal, onProgress });
  yield* rows(run);
  const session = run.session();
  if (session !== undefined) yield detailMessage({ kind: "session", ...session });
  const report = await run.report?.();
  if (report !== undefined) yield detailMessage({ kind: "report", report: reportMessage(report) });
}

async function* rows(run: TicketRun): AsyncGenerator<FlightData> {
  try {
    yield { header: encodeSchema(run.columns), body: [] };
    for await (const batch of run.encodedBatches()) yield* batchMessages(batch, run.columns);
  } finally {
    await run.cancel();
  }
}

function* batchMessages(batch: EncodedBatch, columns: TicketRun["columns"]): Generator<FlightData> {
  for (const slice of sliceBatch(batch, columns, MAX_BODY_BYTES)) yield encodeBatch(slice, columns);
}

const detailMessage = (detail: StatementDetail): FlightData => ({
  header: new Uint8Array(),
  body: [],
  appMetadata: encodeDetail(detail),
});

/** The messages, and while the next one is not there, how far the statement has come. */
async function* withProgress(
  messages: AsyncGenerator<FlightData>,
  progress: Latest<number>,
): AsyncGenerator<FlightData> {
  for (;;) {
    const next = messages.next();
    // Looked at below; a failure while its progress is told is none that nobody saw.
    next.catch(() => undefined);
    for (;;) {
      const first = await Promise.race([next, progress.changed()]);
      if (typeof first === "number") {
        yield detailMessage({ kind: "progress", fraction: first });
        continue;
      }
      if (first.done === true) return;
      yield first.value;
      break;
    }
  }
}

/** The last of some values; those that nobody took in time are forgotten. */
interface Latest<T> {
  report(value: T): void;
  /** The next one that has not been taken. */
  changed(): Promise<T>;
}

const latest = <T>(): Latest<T> => {
  let value: T | undefined;
  let waiting: ((value: T) => void) | undefined;
  let pending: Promise<T> | undefined;
  const take = (resolve: (value: T) => void): void => {
    if (value === undefined) {
      waiting = resolve;
      return;
    }
    const taken = value;
    value = undefined;
    resolve(taken);
  };
  return {
    report: (next) => {
      if (waiting === undefined) value = next;
      else waiting(next);
      waiting = undefined;
    },
    changed: () => {
      // One promise until it resolves, however often it is raced with others.
      pending ??= new Promise<T>(take).then((taken) => {
        pending = undefined;
        return taken;
      });
      return pending;
    },
  };
};
