import type { MessagePort } from "node:worker_threads";
import type { PieceReader } from "../io/byte-source.ts";
import type { Files } from "../io/files.ts";
import type { SharedMemory } from "../memory/shared-memory.ts";
import { recordError } from "../run/error-record.ts";
import type { FromReadServer, ToReadServer } from "./messages.ts";

/** Reads files far away for the workers, on the main thread. */
export interface ReadServer {
  /** Answers what comes in by a worker's line, until the worker ends. */
  serve(port: MessagePort): void;
  /** Nothing is written to the query's memory any more: whoever waited for it may be dead. */
  stop(queryId: number): void;
}

interface Reading {
  readonly queryId: number;
  readonly reader: PieceReader;
}

export const createReadServer = (files: Files, memory: SharedMemory): ReadServer => {
  const lines = new Set<Map<number, Reading>>();

  const read = async (
    { id, queryId, path, identity, fillCache, ranges }: Extract<ToReadServer, { kind: "read" }>,
    readings: Map<number, Reading>,
  ): Promise<void> => {
    const reader = files.readFar(path, identity, { fillCache });
    readings.set(id, { queryId, reader });
    try {
      const pieces = [];
      for (let i = 0; i < ranges.length; i += 3) {
        const [offset, address, length] = [ranges[i]!, ranges[i + 1]!, ranges[i + 2]!];
        pieces.push({ offset, target: memory.bytes.subarray(address, address + length) });
      }
      await reader.readPieces!(pieces);
    } finally {
      readings.delete(id);
    }
  };

  return {
    serve: (port) => {
      const readings = new Map<number, Reading>();
      lines.add(readings);
      port.on("message", (message: ToReadServer) => {
        if (message.kind === "cancel") {
          readings.get(message.id)?.reader.close();
          return;
        }
        const { id } = message;
        read(message, readings).then(
          () => port.postMessage({ id } satisfies FromReadServer),
          (error: unknown) => port.postMessage({ id, error: recordError(error, "read") } satisfies FromReadServer),
        );
      });
      port.on("close", () => {
        lines.delete(readings);
        for (const { reader } of readings.values()) reader.close();
      });
      // Whoever runs a query keeps the process alive.
      port.unref();
    },

    stop: (queryId) => {
      for (const readings of lines) {
        for (const reading of readings.values()) if (reading.queryId === queryId) reading.reader.close();
      }
    },
  };
};
