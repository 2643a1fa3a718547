import { setTimeout as pause, setImmediate as turn } from "node:timers/promises";
import { QueryError } from "@headcut/plan";
import type { KeptRows } from "../exchange/output-store.ts";
import { decodeRows } from "../exchange/row-messages.ts";
import { flightDataBytes } from "../flight/flight-data.ts";
import type { IpcColumn } from "../ipc/ipc-column.ts";
import { attemptFailureOf, InputLost } from "./attempt-failure.ts";
import { encodeOutputTicket, type OutputTicket } from "./messages.ts";
import type { InputAt } from "./task-codec.ts";
import type { WorkerOptions } from "./worker.ts";

/** Where inputs are read from. */
export interface InputSource extends Pick<WorkerOptions, "nodeId" | "peers"> {
  /** Of an output on this node. */
  readonly ownRows: (ticket: OutputTicket) => AsyncIterable<KeptRows>;
}

export const isOwn = ({ nodeId }: InputSource, input: InputAt): boolean => input.nodeId === nodeId;

const TRIES = 3;
const FIRST_PAUSE_MS = 50;
/** Of all tries; one that hangs is ended by the connection's own limits, or by whoever stops the attempt. */
const GIVE_UP_MS = 5000;
/** Reading what this process has itself never waits: the event loop must turn now and then. */
const TURN_MS = 5;

/**
 * The rows of an output. What breaks is read again, a few times, from where it broke: an output never changes. Throws InputLost, the signal's
 * reason, or what the attempt failed with that puts it out.
 */
export async function* readInput(
  source: InputSource,
  queryId: string,
  input: InputAt,
  columns: readonly IpcColumn[],
  signal: AbortSignal,
): AsyncGenerator<KeptRows, void, undefined> {
  const { attemptId, partition } = input;
  const ticket: OutputTicket = { kind: "output", queryId, attemptId, partition };
  const start = performance.now();
  let turned = start;
  let taken = 0;
  for (let tries = 1; ; tries++) {
    try {
      let position = 0;
      for await (const rows of rowsOf(source, input, ticket, columns, signal, taken)) {
        signal.throwIfAborted();
        if (position++ < taken) continue;
        taken++;
        yield rows;
        if (performance.now() - turned < TURN_MS) continue;
        await turn();
        turned = performance.now();
      }
      return;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof QueryError)) throw error;
      // Of an output that is read while it is made: why there are no more rows.
      if (attemptFailureOf(error).kind === "fatal") throw error;
      if (tries === TRIES || performance.now() - start > GIVE_UP_MS) {
        const { message } = error;
        throw new InputLost(attemptId, `rows of node ${input.nodeId} could not be read: ${message}`, error);
      }
    }
    await pause(FIRST_PAUSE_MS * 2 ** tries, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/** All parts of the output; of the first `skip`, which are not wanted, nothing but that they are there. */
const rowsOf = (
  source: InputSource,
  input: InputAt,
  ticket: OutputTicket,
  columns: readonly IpcColumn[],
  signal: AbortSignal,
  skip: number,
): AsyncIterable<KeptRows> =>
  isOwn(source, input) ? source.ownRows(ticket) : fetched(source, input, ticket, columns, signal, skip);

const NOTHING: KeptRows = { batch: { rowCount: 0, columns: [] }, bytes: 0 };

async function* fetched(
  { peers }: InputSource,
  { address }: InputAt,
  ticket: OutputTicket,
  columns: readonly IpcColumn[],
  signal: AbortSignal,
  skip: number,
): AsyncGenerator<KeptRows, void, undefined> {
  // The schema is the first message; rows are only ever read by the columns that the plan says.
  let position = -1;
  for await (const message of peers.peer(address).fetch(encodeOutputTicket(ticket), { signal, checked: true })) {
    if (position >= skip) yield { batch: decodeRows(message, columns), bytes: flightDataBytes(message) };
    else if (position >= 0) yield NOTHING;
    position++;
  }
}
