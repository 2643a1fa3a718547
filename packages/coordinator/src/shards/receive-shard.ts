import { createHash, randomUUID } from "node:crypto";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { QueryError } from "@headcut/plan";

/**
 * Writes bytes to a file of `folder` with a name of its own, and to the disk, if they are those expected; returns its path. Nothing is left of it
 * otherwise. Throws QueryError "io", and what reading the bytes throws.
 */
export const receiveFile = async (
  folder: string,
  label: string,
  bytes: AsyncIterable<Uint8Array>,
  expected: { readonly sizeBytes: number; readonly sha256: string },
): Promise<string> => {
  const path = join(folder, `${randomUUID()}.partial`);
  try {
    const file = await open(path, "wx");
    try {
      const hash = createHash("sha256");
      let size = 0;
      for await (const chunk of bytes) {
        size += chunk.length;
        if (size > expected.sizeBytes) throw wrong(label, `more than ${expected.sizeBytes} bytes came`);
        hash.update(chunk);
        await file.writeFile(chunk);
      }
      if (size !== expected.sizeBytes) throw wrong(label, `${size} bytes came, not ${expected.sizeBytes}`);
      if (hash.digest("hex") !== expected.sha256) throw wrong(label, "the bytes that came have another checksum");
      await file.sync();
    } finally {
      await file.close();
    }
    return path;
  } catch (cause) {
    await rm(path, { force: true }).catch(() => undefined);
    throw writeFailure(label, cause);
  }
};

const wrong = (label: string, why: string): QueryError => new QueryError("io", `${label} was not kept: ${why}`);

/** A full disk and the like, as an error for people. */
export const writeFailure = (label: string, cause: unknown): unknown =>
  cause instanceof Error && "syscall" in cause
    ? new QueryError("io", `${label} was not kept: ${cause.message}`, { cause })
    : cause;
