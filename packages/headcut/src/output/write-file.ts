import { open, rename, rm, writeFile as writeChunk } from "node:fs/promises";
import { isObjectPath } from "@headcut/executor";
import { QueryError } from "@headcut/plan";

/**
 * Writes the chunks to `path`, which appears whole or not at all, and then takes the place of a file of that name. Throws
 * QueryError "io", "unsupported" for a store, and what reading the chunks throws.
 */
export const writeFile = async (path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> => {
  if (isObjectPath(path)) {
    throw new QueryError("unsupported", `cannot write ${path}: objects are read, not written`, {
      hint: "Write a local file and copy it.",
    });
  }
  const partial = `${path}.${crypto.randomUUID()}.partial`;
  try {
    const file = await open(partial, "wx");
    try {
      for await (const chunk of chunks) await writeChunk(file, chunk);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, path);
  } catch (cause) {
    await rm(partial, { force: true }).catch(() => undefined);
    if (cause instanceof Error && "syscall" in cause) {
      throw new QueryError("io", `cannot write ${path}: ${cause.message}`, { cause });
    }
    throw cause;
  }
};
