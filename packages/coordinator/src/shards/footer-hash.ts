import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { QueryError } from "@headcut/plan";

/** Length of the footer, and the magic number. */
const TRAILER_BYTES = 8;
const HASH_DIGITS = 32;

/**
 * A shard's identity: its size, and a hash of its footer. The footer has the place, size and bounds of every column chunk, so copies have the same identity,
 * and a file that was written anew has not. Throws QueryError "io" or "corrupt-file".
 */
export const shardIdentity = async (path: string): Promise<string> => {
  const file = await open(path, "r").catch((cause: Error) => {
    throw new QueryError("io", `cannot read ${path}: ${cause.message}`, { cause });
  });
  try {
    const { size } = await file.stat();
    const trailer = await readAt(file, path, Math.max(0, size - TRAILER_BYTES), Math.min(size, TRAILER_BYTES));
    const length = trailer.length < TRAILER_BYTES ? 0 : trailer.readUInt32LE(0);
    if (length === 0 || length + TRAILER_BYTES > size) throw new QueryError("corrupt-file", `${path} has no footer`);
    const footer = await readAt(file, path, size - TRAILER_BYTES - length, length);
    return `${size}-${createHash("sha256").update(footer).digest("hex").slice(0, HASH_DIGITS)}`;
  } finally {
    await file.close();
  }
};

const readAt = async (file: FileHandle, path: string, offset: number, length: number): Promise<Buffer> => {
  const bytes = Buffer.alloc(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(bytes, done, length - done, offset + done);
    if (bytesRead === 0) throw new QueryError("io", `${path} has become shorter`);
    done += bytesRead;
  }
  return bytes;
};

/** Of a whole file, in hex. */
export const fileSha256 = async (path: string): Promise<string> => {
  const hash = createHash("sha256");
  const file = await open(path, "r");
  try {
    for await (const chunk of file.createReadStream({ highWaterMark: 1 << 20, autoClose: false })) hash.update(chunk);
  } finally {
    await file.close();
  }
  return hash.digest("hex");
};
