import { MessageChannel, type MessagePort } from "node:worker_threads";
import { assert } from "@headcut/plan";
import type { Piece } from "../io/byte-source.ts";
import { whileWanted } from "../io/while-wanted.ts";
import type { SharedMemory } from "../memory/shared-memory.ts";
import { restoreError } from "../run/error-record.ts";
import type { OpenFar } from "../run/thread-runtime.ts";
import type { FromReadServer, ToReadServer } from "./messages.ts";

/**
 * A worker's way to files far away: it asks the main thread, which has the connections and the caches, to read straight into the memory that all
 * share. `sendPort`: hands the main thread its end of the line, when there is something to ask.
 */
export const createFarReader = (memory: SharedMemory, sendPort: (port: MessagePort) => void): OpenFar => {
  const waiting = new Map<number, (answer: FromReadServer) => void>();
  let line: MessagePort | undefined;
  let lastId = 0;

  const connect = (): MessagePort => {
    const { port1, port2 } = new MessageChannel();
    port1.on("message", (answer: FromReadServer) => {
      const settle = waiting.get(answer.id);
      waiting.delete(answer.id);
      settle?.(answer);
    });
    sendPort(port2);
    return port1;
  };
  const addressOf = ({ target }: Piece): number => {
    assert(target.buffer === memory.bytes.buffer, "a worker reads a file into memory of its own");
    return target.byteOffset;
  };

  return (path, identity, { queryId, checkWanted, fillCache }) => {
    const own = new Set<number>();
    const cancel = (id: number): void => line?.postMessage({ kind: "cancel", id } satisfies ToReadServer);
    const readPieces = (pieces: readonly Piece[]): Promise<void> =>
      whileWanted(
        checkWanted ?? (() => undefined),
        (signal) =>
          new Promise<void>((resolve, reject) => {
            line ??= connect();
            const id = ++lastId;
            own.add(id);
            waiting.set(id, ({ error }) => {
              own.delete(id);
              if (error === undefined) resolve();
              else reject(restoreError(error));
            });
            const ranges = pieces.flatMap((piece) => [piece.offset, addressOf(piece), piece.target.length]);
            line.postMessage({ kind: "read", id, queryId, path, identity, fillCache, ranges } satisfies ToReadServer);
            // The answer is awaited all the same: until then the main thread may write.
            signal.addEventListener("abort", () => cancel(id), { once: true });
          }),
      );
    return {
      isImmediate: false,
      readInto: (target, offset, length) => readPieces([{ offset, target: target.subarray(0, length) }]),
      readPieces,
      close: () => own.forEach(cancel),
    };
  };
};
