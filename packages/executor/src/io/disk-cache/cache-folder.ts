import { mkdir, open, readdir, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";

/** A cached block's file. */
export interface CacheFile {
  readonly name: string;
  readonly bytes: number;
  readonly usedMs: number;
}

/** The files of a cache, which other processes may share: any of them may be gone at any moment. Each method may throw what node:fs does. */
export interface CacheFolder {
  read(name: string): Promise<Buffer>;
  /** All of the file appears at once, or nothing. */
  write(name: string, parts: readonly Uint8Array[]): Promise<void>;
  /** Says when the file was last used, for later processes. */
  touch(name: string): Promise<void>;
  remove(name: string): Promise<void>;
  list(): Promise<CacheFile[]>;
}

/** Files of an unfinished write; a process that died leaves them behind. */
const TEMPORARY = ".tmp";
const LEFT_BEHIND_MS = 10 * 60_000;
/** File names begin with two hexadecimal digits, which are their folder. */
const SHARD = /^[0-9a-f]{2}$/;
const CACHE_FORMAT = "blocks-1";

let writes = 0;

export const openCacheFolder = async (directory: string): Promise<CacheFolder> => {
  const root = join(directory, CACHE_FORMAT);
  await mkdir(root, { recursive: true });
  const pathOf = (name: string): string => join(root, name.slice(0, 2), name);
  const made = new Set<string>();

  return {
    read: (name) => readFile(pathOf(name)),

    write: async (name, parts) => {
      const path = pathOf(name);
      const shard = join(root, name.slice(0, 2));
      if (!made.has(shard)) await mkdir(shard, { recursive: true });
      made.add(shard);
      const temporary = `${path}.${process.pid}-${writes++}${TEMPORARY}`;
      try {
        const file = await open(temporary, "wx");
        try {
          await file.writev(parts);
        } finally {
          await file.close();
        }
        await rename(temporary, path);
      } catch (error) {
        made.delete(shard);
        await rm(temporary, { force: true }).catch(() => undefined);
        throw error;
      }
    },

    touch: async (name) => {
      const now = new Date();
      await utimes(pathOf(name), now, now);
    },

    remove: (name) => rm(pathOf(name), { force: true }),

    list: async () => {
      const files: CacheFile[] = [];
      for (const shard of await readdir(root)) {
        if (!SHARD.test(shard)) continue;
        for (const name of await readdir(join(root, shard))) {
          const found = await stat(join(root, shard, name)).catch(() => undefined);
          if (found === undefined) continue;
          if (!name.endsWith(TEMPORARY)) files.push({ name, bytes: found.size, usedMs: found.mtimeMs });
          else if (Date.now() - found.mtimeMs > LEFT_BEHIND_MS) await rm(join(root, shard, name), { force: true });
        }
      }
      return files.sort((a, b) => a.usedMs - b.usedMs);
    },
  };
};
