import { join } from "node:path";
import type { EncodedBatch } from "@headcut/executor";
import { QueryError } from "@headcut/plan";
import { verifyChecksum } from "../flight/checksum.ts";
import { type FlightData, flightDataBytes } from "../flight/flight-data.ts";
import type { IpcColumn } from "../ipc/ipc-column.ts";
import { sliceBatch } from "../ipc/slice-batch.ts";
import { batchBytes } from "./batch-bytes.ts";
import { decodeRows, packRows, schemaMessage } from "./row-messages.ts";
import { openSpillDirectory } from "./spill-directory.ts";
import { type SpilledMessage, type SpillFile, spillFile } from "./spill-file.ts";

/** The outputs that a process keeps for their consumers. */
export interface OutputStore {
  /** A new output of rows with these columns. */
  create(partitionCount: number, columns: readonly IpcColumn[]): StoredOutput;
  /** Of rows in memory and on disk. */
  bytes(): { readonly memory: number; readonly disk: number };
  /** After all outputs were dropped. */
  close(): void;
}

/** What an attempt put out, by partition. Written once, then read as often as anyone likes: always the same parts in the same order. */
export interface StoredOutput {
  /** Takes the batch, whose buffers nobody may change any more. One at a time. QueryError "io" when the disk is full or broken. */
  append(partition: number, batch: EncodedBatch): Promise<void>;
  /** As it is kept. */
  bytes(): number;
  /** For other nodes: the schema, then the rows, as they are asked for. QueryError "io" once it is dropped. */
  messages(partition: number): AsyncGenerator<FlightData, void, undefined>;
  /** For this process: the same rows as they are. */
  rows(partition: number): AsyncGenerator<KeptRows, void, undefined>;
  /** Frees its memory at once, its file as soon as nobody is in the middle of reading it. */
  drop(): Promise<void>;
}

export interface KeptRows {
  readonly batch: EncodedBatch;
  /** That it takes. */
  readonly bytes: number;
}

/** Rows are compressed for the first node that asks for them, or for the disk; what this process reads itself need not be. */
type Kept =
  | ({ readonly kind: "rows" } & KeptRows)
  | { readonly kind: "packed"; readonly message: FlightData }
  | { readonly kind: "file"; readonly at: SpilledMessage };

/** `maxBytes` of memory for all outputs; what comes then goes to files in a folder of `directory`. */
export const openOutputStore = (directory: string, maxBytes: number): OutputStore => {
  const folder = openSpillDirectory(directory);
  const live = new Set<SpillFile>();
  let memoryBytes = 0;
  let nextFile = 0;

  const create = (partitionCount: number, columns: readonly IpcColumn[]): StoredOutput => {
    const partitions: Kept[][] = Array.from({ length: partitionCount }, () => []);
    let file: SpillFile | undefined;
    let ownMemory = 0;
    let dropped = false;
    const checkKept = (): void => {
      if (dropped) throw new QueryError("io", "the output of a task was dropped");
    };
    const hold = (bytes: number): void => {
      memoryBytes += bytes;
      ownMemory += bytes;
    };
    const partitionOf = (partition: number): Kept[] => {
      checkKept();
      const kept = partitions[partition];
      if (kept !== undefined) return kept;
      throw new QueryError("io", `partition ${partition} of an output of ${partitionCount} was asked for`);
    };
    const readFile = async (at: SpilledMessage): Promise<FlightData> => {
      const message = await file!.read(at);
      verifyChecksum(message, "a spill file", true);
      return message;
    };
    const packed = (all: Kept[], i: number, { batch, bytes }: KeptRows): FlightData => {
      const message = packRows(batch, columns);
      all[i] = { kind: "packed", message };
      hold(flightDataBytes(message) - bytes);
      return message;
    };

    return {
      append: async (partition, whole) => {
        for (const batch of sliceBatch(whole, columns)) {
          const bytes = batchBytes(batch);
          if (memoryBytes + bytes <= maxBytes) {
            partitionOf(partition).push({ kind: "rows", batch, bytes });
            hold(bytes);
            continue;
          }
          if (file === undefined) {
            file = spillFile(join(folder.path, `${nextFile++}.spill`));
            live.add(file);
          }
          const at = await file.append(packRows(batch, columns));
          partitionOf(partition).push({ kind: "file", at });
        }
      },
      bytes: () => ownMemory + (file?.bytes() ?? 0),
      async *messages(partition) {
        const all = partitionOf(partition);
        yield schemaMessage(columns);
        for (let i = 0; i < all.length; i++) {
          checkKept();
          const kept = all[i]!;
          if (kept.kind === "packed") yield kept.message;
          else yield kept.kind === "rows" ? packed(all, i, kept) : await readFile(kept.at);
        }
        // What was dropped meanwhile must not look like an output that ends here.
        checkKept();
      },
      async *rows(partition) {
        const all = partitionOf(partition);
        for (let i = 0; i < all.length; i++) {
          checkKept();
          const kept = all[i]!;
          if (kept.kind === "rows") {
            yield kept;
            continue;
          }
          const message = kept.kind === "packed" ? kept.message : await readFile(kept.at);
          yield { batch: decodeRows(message, columns), bytes: flightDataBytes(message) };
        }
        checkKept();
      },
      drop: async () => {
        if (dropped) return;
        dropped = true;
        memoryBytes -= ownMemory;
        ownMemory = 0;
        partitions.length = 0;
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
