import { randomUUID } from "node:crypto";
import { mkdir, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { QueryError } from "@headcut/plan";

const FILE_NAME = ".headcut-node";

/**
 * The node's id: drawn when a data directory is first served, and kept in it, so that shards stay where they are when addresses change.
 * Throws QueryError "io", "corrupt-file".
 */
export const nodeIdOf = async (directory: string): Promise<string> => {
  const path = join(directory, FILE_NAME);
  try {
    await mkdir(directory, { recursive: true });
    const known = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
      if (cause.code !== "ENOENT") throw cause;
    });
    if (known !== undefined) return checked(path, known.trim());
    const drawn = `node-${randomUUID().slice(0, 8)}`;
    const file = await open(path, "wx");
    try {
      await file.writeFile(`${drawn}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    return drawn;
  } catch (cause) {
    if (cause instanceof QueryError) throw cause;
    throw new QueryError("io", `cannot keep a node's id in ${path}: ${(cause as Error).message}`, { cause });
  }
};

const checked = (path: string, id: string): string => {
  if (/^[\w.-]{1,100}$/.test(id)) return id;
  throw new QueryError("corrupt-file", `${path} does not hold a node's id`, {
    hint: "Remove it to have another drawn; the shards in the folder are found all the same.",
  });
};
