import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { QueryError } from "@headcut/plan";
import type { ByteSource, FileIdentity } from "./byte-source.ts";

/** A local file is known by its size, its inode, and the time of its last change in nanoseconds. */
const identityOf = (stat: { readonly size: bigint; readonly ino: bigint; readonly mtimeNs: bigint }): FileIdentity => ({
  sizeBytes: Number(stat.size),
  identity: `${stat.size}-${stat.ino}-${stat.mtimeNs}`,
});

const ioError = (path: string, cause: unknown): QueryError => {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new QueryError("io", `cannot read ${path}: ${reason}`, { cause });
};

/** The identity of the file at `path` now. Throws QueryError "io" if there is none. */
export const localFileIdentity = (path: string): FileIdentity => {
  try {
    const stat = statSync(path, { bigint: true });
    if (!stat.isFile()) throw new Error("not a file");
    return identityOf(stat);
  } catch (error) {
    throw ioError(path, error);
  }
};

/**
 * Opens a local file. With `identity`, a file that is no longer the one that was planned is a QueryError "io":
 * offsets from its old footer would read nonsense.
 */
export const openLocalFile = (path: string, identity?: string): ByteSource & FileIdentity => {
  let descriptor: number;
  try {
    descriptor = openSync(path, "r");
  } catch (error) {
    throw ioError(path, error);
  }
  try {
    const current = identityOf(fstatSync(descriptor, { bigint: true }));
    if (identity !== undefined && identity !== current.identity)
      throw new QueryError("io", `${path} has changed since the query was planned`, { hint: "Run the query again." });
    return {
      path,
      size: current.sizeBytes,
      isImmediate: true,
      ...current,
      readInto: (target, offset, length) => readFully(descriptor, path, target, offset, length),
      close: () => closeSync(descriptor),
    };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
};

/** One read call returns at most 2 GiB, and may return less than asked for. */
const MAX_READ_BYTES = 1 << 30;

const readFully = (descriptor: number, path: string, target: Uint8Array, offset: number, length: number): void => {
  let done = 0;
  while (done < length) {
    let bytes: number;
    try {
      bytes = readSync(descriptor, target, done, Math.min(length - done, MAX_READ_BYTES), offset + done);
    } catch (error) {
      throw ioError(path, error);
    }
    if (bytes === 0) throw new QueryError("io", `${path} ended at byte ${offset + done}: it has become shorter`);
    done += bytes;
  }
};
