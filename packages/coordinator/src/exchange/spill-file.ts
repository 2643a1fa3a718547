import { type FileHandle, open, rm } from "node:fs/promises";
import { QueryError } from "@headcut/plan";
import { type FlightData, flightDataBytes } from "../flight/flight-data.ts";

/** Where a message is in a spill file: its parts one after the other. */
export interface SpilledMessage {
  readonly position: number;
  readonly headerBytes: number;
  readonly metadataBytes: number;
  readonly bodyBytes: number;
}

/** A file of messages, made with the first one. */
export interface SpillFile {
  /** One at a time. QueryError "io" when the disk is full or broken. */
  append(message: FlightData): Promise<SpilledMessage>;
  /** QueryError "io", also once the file is removed. */
  read(message: SpilledMessage): Promise<FlightData>;
  bytes(): number;
  /** After what is being read or written. */
  remove(): Promise<void>;
}

const NONE = new Uint8Array(0);

export const spillFile = (path: string): SpillFile => {
  let opened: Promise<FileHandle> | undefined;
  let end = 0;
  let removed: Promise<void> | undefined;

  const handle = (): Promise<FileHandle> => {
    if (removed !== undefined) throw new QueryError("io", "the output was dropped while it was read");
    opened ??= open(path, "wx+", 0o600);
    return opened;
  };

  return {
    bytes: () => end,
    append: async (message) => {
      const { header, body, appMetadata = NONE } = message;
      const position = end;
      const bytes = flightDataBytes(message);
      try {
        const whole = Buffer.concat([header, appMetadata, ...body], bytes);
        const { bytesWritten } = await (await handle()).write(whole, 0, bytes, position);
        if (bytesWritten !== bytes) throw new Error(`${bytesWritten} of ${bytes} bytes were written`);
      } catch (error) {
        throw failure("written to", path, error);
      }
      end = position + bytes;
      const [headerBytes, metadataBytes] = [header.length, appMetadata.length];
      return { position, headerBytes, metadataBytes, bodyBytes: bytes - headerBytes - metadataBytes };
    },
    read: async ({ position, headerBytes, metadataBytes, bodyBytes }) => {
      const bytes = new Uint8Array(headerBytes + metadataBytes + bodyBytes);
      try {
        const { bytesRead } = await (await handle()).read(bytes, 0, bytes.length, position);
        if (bytesRead !== bytes.length) throw new Error(`it ends at ${position + bytesRead}`);
      } catch (error) {
        throw failure("read from", path, error);
      }
      const bodyStart = headerBytes + metadataBytes;
      const message = { header: bytes.subarray(0, headerBytes), body: [bytes.subarray(bodyStart)] };
      return metadataBytes === 0 ? message : { ...message, appMetadata: bytes.subarray(headerBytes, bodyStart) };
    },
    remove: () => {
      removed ??= removal(opened, path);
      return removed;
    },
  };
};

const removal = async (opened: Promise<FileHandle> | undefined, path: string): Promise<void> => {
  if (opened === undefined) return;
  try {
    await (await opened).close();
  } catch {
    // It could not even be opened, or its last write failed.
  }
  await rm(path, { force: true });
};

const failure = (what: string, path: string, error: unknown): QueryError =>
  error instanceof QueryError
    ? error
    : new QueryError("io", `the spill file ${path} cannot be ${what}: ${(error as Error).message}`, { cause: error });
