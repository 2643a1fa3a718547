import type { FlightData, FlightDescriptor } from "@headcut/coordinator";
import { QueryError } from "@headcut/plan";
import type { RecordBatch, Schema } from "apache-arrow";
import { arrowColumns } from "../register-arrow.ts";
import { nameTable } from "../sessions/session.ts";
import { decodeSessionPut } from "../sessions/session-put.ts";
import type { Sessions } from "../sessions/sessions.ts";
import { readArrow } from "./read-arrow.ts";

/** Makes rows new shards of a cluster's table; how many there were. */
export type AppendToTable = (
  table: string,
  schema: Schema,
  batches: AsyncIterable<RecordBatch>,
  signal: AbortSignal,
) => Promise<number>;

export interface PutHost {
  readonly sessions: Sessions;
  readonly append: AppendToTable | undefined;
}

/**
 * Flight's DoPut. The path of the first message's descriptor names a table of the cluster, to which the rows are appended; headcut's
 * own client makes tables of its session. Yields one result with the number of rows.
 */
export async function* putRows(
  messages: AsyncIterable<FlightData>,
  host: PutHost,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const iterator = messages[Symbol.asyncIterator]();
  const first = await iterator.next();
  const descriptor = first.done === true ? undefined : first.value.descriptor;
  if (descriptor === undefined) {
    throw new QueryError("invalid-argument", "the first message of DoPut has no descriptor", {
      hint: "Its path is to name the table.",
    });
  }
  const all = rejoined(first.value as FlightData, iterator);
  yield encodePutResult(await put(descriptor, all, host, signal));
}

const put = async (
  descriptor: FlightDescriptor,
  messages: AsyncIterable<FlightData>,
  { sessions, append }: PutHost,
  signal: AbortSignal,
): Promise<number> => {
  if (descriptor.kind === "command") return putIntoSession(descriptor.command, messages, sessions);
  const [table, ...rest] = descriptor.path.toReversed();
  if (table === undefined || table === "" || rest.some((part) => part.toLowerCase() !== "main")) {
    throw new QueryError("invalid-argument", "the path of DoPut is to name one table");
  }
  if (append === undefined) throw new QueryError("unsupported", "this node takes no rows for tables of the cluster");
  const { schema, batches } = await readArrow(messages);
  return append(table, schema, batches, signal);
};

/** The name appears when the table is complete. */
const putIntoSession = async (
  command: Uint8Array,
  messages: AsyncIterable<FlightData>,
  sessions: Sessions,
): Promise<number> => {
  const { session: reference, name } = decodeSessionPut(command);
  const held = sessions.hold(reference);
  const { tables } = held.session;
  try {
    const { schema, batches } = await readArrow(messages);
    const table = tables.create(name, arrowColumns(name, schema));
    try {
      for await (const batch of batches) table.appendArrow(batch);
    } catch (cause) {
      tables.drop(table.tableId);
      throw cause;
    }
    const replaced = nameTable(held.session, name, table.tableId);
    if (replaced !== undefined) tables.drop(replaced);
    return table.rowCount();
  } finally {
    held.release();
  }
};

async function* rejoined(first: FlightData, rest: AsyncIterator<FlightData>): AsyncGenerator<FlightData> {
  try {
    yield first;
    for (;;) {
      const next = await rest.next();
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await rest.return?.();
  }
}

/** `{"rows":3}`: what DoPut's clients are told. */
const encodePutResult = (rows: number): Uint8Array => Buffer.from(JSON.stringify({ rows }));
