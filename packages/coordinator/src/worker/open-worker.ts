import { QueryError } from "@headcut/plan";
import { type KeptRows, openOutputStore, type StoredOutput } from "../exchange/output-store.ts";
import type { FlightData } from "../flight/flight-data.ts";
import type { MessageStream } from "../rpc/message-stream.ts";
import { eventQueue } from "./event-queue.ts";
import { decodeToWorker, encodeFromWorker, type FromWorker, type OutputTicket } from "./messages.ts";
import { openFragments } from "./open-fragments.ts";
import type { WorkerContext } from "./run-attempt.ts";
import { openSession, type Session } from "./session.ts";
import type { Worker, WorkerOptions } from "./worker.ts";

/** Throws what the file system says of the spill directory. */
export const openWorker = (options: WorkerOptions): Worker => {
  const { nodeId, engine, peers, shards, spillDirectory, maxOutputBytes } = options;
  const store = openOutputStore(spillDirectory, maxOutputBytes);
  const fragmentOf = openFragments();
  const sessions = new Set<Session>();
  const streams = new Set<MessageStream>();
  let closed = false;
  let [doneAttempts, failedAttempts] = [0, 0];

  const find = ({ queryId, attemptId }: OutputTicket): StoredOutput => {
    for (const session of sessions) {
      const found = session.queryId === queryId ? session.output(attemptId) : undefined;
      if (found !== undefined) return found;
    }
    throw new QueryError("io", `node ${nodeId} has no output of attempt ${attemptId} of this query`);
  };
  const output = async function* (ticket: OutputTicket): AsyncGenerator<FlightData, void, undefined> {
    yield* find(ticket).messages(ticket.partition ?? 0);
  };
  const ownRows = async function* (ticket: OutputTicket): AsyncGenerator<KeptRows, void, undefined> {
    yield* find(ticket).rows(ticket.partition ?? 0);
  };

  const context: WorkerContext = { nodeId, engine, peers, shards, store, ownRows };

  const open = (
    queryId: string,
    memoryBytes: number,
    emit: (message: FromWorker) => void,
    onClosed: () => void = () => undefined,
  ): Session => {
    if (closed) throw new QueryError("closed", `node ${nodeId} is closed`);
    const inner = openSession(context, queryId, memoryBytes, (message) => {
      if (message.kind === "finished") doneAttempts++;
      if (message.kind === "failed") failedAttempts++;
      emit(message);
    });
    const session: Session = {
      ...inner,
      close: async () => {
        await inner.close();
        sessions.delete(session);
        onClosed();
      },
    };
    sessions.add(session);
    return session;
  };

  const serve = async (stream: MessageStream): Promise<void> => {
    let session: Session | undefined;
    const emit = (message: FromWorker): void => {
      stream.send(encodeFromWorker(message)).catch((error: Error) => stream.cancel(error));
    };
    streams.add(stream);
    try {
      for await (const bytes of stream) {
        const message = decodeToWorker(bytes);
        if (message.kind === "begin") {
          if (session !== undefined) throw outOfOrder();
          session = open(message.queryId, message.memoryBytes, emit);
          continue;
        }
        if (session === undefined) throw outOfOrder();
        switch (message.kind) {
          case "fragment":
            session.addFragment(fragmentOf(message.bytes));
            break;
          case "launch":
            session.launch(message);
            break;
          case "stop":
            session.stop(message.attemptId);
            break;
        }
      }
    } finally {
      streams.delete(stream);
      await session?.close();
    }
  };

  return {
    serve,
    output,
    local: (queryId, memoryBytes) => {
      const events = eventQueue<FromWorker>();
      const { output: _, runningAttempts: __, ...session } = open(queryId, memoryBytes, events.push, events.end);
      return { ...session, events };
    },
    status: () => {
      const { memory, disk } = store.bytes();
      let runningAttempts = 0;
      for (const session of sessions) runningAttempts += session.runningAttempts();
      const counts = { runningAttempts, doneAttempts, failedAttempts };
      return { queries: sessions.size, ...counts, outputBytes: memory, spilledBytes: disk };
    },
    close: async () => {
      if (closed) return;
      closed = true;
      for (const stream of streams) stream.cancel(new QueryError("closed", `node ${nodeId} is closed`));
      await Promise.all([...sessions].map((session) => session.close()));
      store.close();
    },
  };
};

const outOfOrder = (): QueryError => new QueryError("io", "a message from another node came out of order");
