import { join } from "node:path";
import { QueryError } from "@headcut/plan";
import { verifyChecksum } from "../flight/checksum.ts";
import { type FlightData, flightDataBytes } from "../flight/flight-data.ts";
import { openSpillDirectory } from "./spill-directory.ts";
import { type SpilledMessage, type SpillFile, spillFile } from "./spill-file.ts";

/** The outputs that a process keeps for their consumers. */
export interface OutputStore {
  /** A new output. `schema` is what every reader gets first. */
  create(partitionCount: number, schema: FlightData): StoredOutput;
  /** Of messages in memory and on disk. */
  bytes(): { readonly memory: number; readonly disk: number };
  /** After all outputs were dropped. */
  close(): void;
}

/** What an attempt put out: messages by partition. Written once, then read as often as anyone likes. */
export interface StoredOutput {
  /** One at a time. QueryError "io" when the disk is full or broken. */
  append(partition: number, message: FlightData): Promise<void>;
  bytes(): number;
  /** From the beginning, one message at a time as they are asked for. QueryError "io" once it is dropped. */
  read(partition: number): AsyncGenerator<FlightData, void, undefined>;
  /** Frees its memory at once, its file as soon as nobody is in the middle of reading it. */
  drop(): Promise<void>;
}

type Kept =
  | { readonly kind: "memory"; readonly message: FlightData }
  | { readonly kind: "file"; readonly at: SpilledMessage };

/** `maxBytes` of memory for all outputs; what comes then goes to files in a folder of `directory`. */
export const openOutputStore = (directory: string, maxBytes: number): OutputStore => {
  const folder = openSpillDirectory(directory);
  const live = new Set<SpillFile>();
  let memoryBytes = 0;
  let nextFile = 0;

  const create = (partitionCount: number, schema: FlightData): StoredOutput => {
    const partitions: Kept[][] = Array.from({ length: partitionCount }, () => []);
    let file: SpillFile | undefined;
    let [ownMemory, bytes] = [0, 0];
    let dropped = false;
    const checkKept = (): void => {
      if (dropped) throw new QueryError("io", "the output of a task was dropped");
    };
    return {
      append: async (partition, message) => {
        checkKept();
        const size = flightDataBytes(message);
        bytes += size;
        if (memoryBytes + size <= maxBytes) {
          memoryBytes += size;
          ownMemory += size;
          partitions[partition]!.push({ kind: "memory", message: compact(message) });
          return;
        }
        if (file === undefined) {
          file = spillFile(join(folder.path, `${nextFile++}.spill`));
          live.add(file);
        }
        const at = await file.append(message);
        checkKept();
        partitions[partition]!.push({ kind: "file", at });
      },
      bytes: () => bytes,
      async *read(partition) {
        checkKept();
        const messages = partitions[partition];
        if (messages === undefined) {
          throw new QueryError("io", `partition ${partition} of an output of ${partitionCount} was asked for`);
        }
        yield schema;
        for (const kept of messages) {
          checkKept();
          if (kept.kind === "memory") {
            yield kept.message;
          } else {
            const message = await file!.read(kept.at);
            verifyChecksum(message, "a spill file", true);
            yield message;
          }
        }
        // What was dropped meanwhile must not look like an output that ends here.
        checkKept();
      },
      drop: async () => {
        if (dropped) return;
        dropped = true;
        memoryBytes -= ownMemory;
        for (const messages of partitions) messages.length = 0;
        if (file === undefined) return;
        await file.remove();
        live.delete(file);
      },
    };
  };

  return {
    create,
    bytes: () => {
      let disk = 0;
      for (const file of live) disk += file.bytes();
      return { memory: memoryBytes, disk };
    },
    close: folder.remove,
  };
};

/** Its own bytes alone: parts may be views of much larger buffers, which would be kept with them. */
const compact = ({ body, ...rest }: FlightData): FlightData => {
  const whole = new Uint8Array(body.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of body) {
    whole.set(part, at);
    at += part.length;
  }
  return { ...rest, body: whole.length === 0 ? [] : [whole] };
};
