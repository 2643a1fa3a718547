import { QueryError } from "@headcut/plan";
import { blockHeader, blockOf, objectKey } from "./block-file.ts";
import { openCacheFolder } from "./cache-folder.ts";

export interface DiskCacheStatistics {
  readonly bytes: number;
  readonly blocks: number;
  /** Blocks found, and not found, since it was opened. */
  readonly hits: number;
  readonly misses: number;
  /** Blocks whose file was damaged: they were misses. */
  readonly damaged: number;
}

/**
 * Blocks of objects' bytes in a folder of the local disk, the longest unused dropped when there are too many. What goes wrong with the disk is
 * a miss. Processes may share the folder: each drops what is too much in its eyes, and looks at the folder again now and then, so
 * that they may exceed the bound by a sixteenth each.
 */
export interface DiskCache {
  /** `object`: what tells its content apart. */
  get(object: string, block: number): Promise<Uint8Array | undefined>;
  /** Returns at once, and writes later, unless much is waiting to be written; the bytes must stay as they are. */
  put(object: string, block: number, bytes: Uint8Array): void;
  statistics(): DiskCacheStatistics;
  /** Once what was put is written. */
  close(): Promise<void>;
}

/** What may wait to be written. */
const MAX_WAITING_BYTES = 64 << 20;
/** How exactly later processes know when a block was used. */
const TOUCH_MS = 60_000;
/** After a failed write (a full disk), how long none is tried. */
const REST_MS = 30_000;

interface Entry {
  readonly bytes: number;
  readonly usedMs: number;
  /** What the file says of that. */
  readonly touchedMs: number;
}

/** Throws QueryError "io" when the folder cannot be made or listed. */
export const openDiskCache = async (directory: string, maxBytes: number): Promise<DiskCache> => {
  const opening = async () => {
    const folder = await openCacheFolder(directory);
    return { folder, files: await folder.list() };
  };
  const { folder, files } = await opening().catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new QueryError("io", `cannot use the cache directory ${directory}: ${reason}`, { cause: error });
  });
  /** By file name; the longest unused first. */
  const entries = new Map<string, Entry>();
  const pending = new Set<Promise<void>>();
  let [bytes, waitingBytes, writtenBytes, restUntilMs] = [0, 0, 0, 0];
  let [hits, misses, damaged] = [0, 0, 0];

  const forget = (name: string): void => {
    bytes -= entries.get(name)?.bytes ?? 0;
    entries.delete(name);
  };
  const remember = (name: string, size: number, usedMs: number, touchedMs = usedMs): void => {
    forget(name);
    entries.set(name, { bytes: size, usedMs, touchedMs });
    bytes += size;
  };
  const drop = async (name: string): Promise<void> => {
    forget(name);
    await folder.remove(name).catch(() => undefined);
  };
  const shrink = async (): Promise<void> => {
    for (const name of entries.keys()) {
      if (bytes <= maxBytes) return;
      await drop(name);
    }
  };
  /** What other processes did to the folder meanwhile. */
  const lookAgain = async (): Promise<void> => {
    writtenBytes = 0;
    const startMs = Date.now();
    const found = await folder.list();
    const known = new Map(
      [...entries].map(([name, { bytes: size, usedMs }], order) => [name, { bytes: size, usedMs, order }]),
    );
    // The clock of files and ours may differ within a millisecond: there our own order counts.
    const lastUse = new Map(
      found.map(({ name, usedMs }) => [name, Math.max(Math.floor(usedMs), known.get(name)?.usedMs ?? 0)]),
    );
    const orderOf = (name: string): number => known.get(name)?.order ?? -1;
    found.sort((a, b) => lastUse.get(a.name)! - lastUse.get(b.name)! || orderOf(a.name) - orderOf(b.name));
    entries.clear();
    bytes = 0;
    for (const { name, bytes: size, usedMs } of found) remember(name, size, lastUse.get(name)!, usedMs);
    // Written while the folder was being looked at.
    for (const [name, { bytes: size, usedMs }] of known) {
      if (!lastUse.has(name) && usedMs >= startMs) remember(name, size, usedMs);
    }
  };

  const inBackground = (run: () => Promise<void>): void => {
    const work = run().catch(() => undefined);
    pending.add(work);
    work.then(() => pending.delete(work));
  };
  const used = (name: string, size: number): void => {
    const now = Date.now();
    const touchedMs = entries.get(name)?.touchedMs ?? 0;
    const isDue = now - touchedMs > TOUCH_MS;
    remember(name, size, now, isDue ? now : touchedMs);
    if (isDue) inBackground(() => folder.touch(name));
  };

  for (const { name, bytes: size, usedMs } of files) remember(name, size, usedMs);
  inBackground(shrink);

  return {
    get: async (object, block) => {
      const key = objectKey(object);
      const name = fileName(key, block);
      const file = await folder.read(name).catch(() => undefined);
      const found = file === undefined ? undefined : blockOf(file, key, block);
      if (found !== undefined) {
        hits++;
        used(name, file!.length);
        return found;
      }
      misses++;
      if (file === undefined) forget(name);
      else {
        damaged++;
        await drop(name);
      }
      return undefined;
    },

    put: (object, block, content) => {
      if (waitingBytes + content.length > MAX_WAITING_BYTES || Date.now() < restUntilMs) return;
      const key = objectKey(object);
      const name = fileName(key, block);
      if (entries.has(name)) return;
      waitingBytes += content.length;
      inBackground(async () => {
        try {
          const header = blockHeader(key, block, content);
          await folder.write(name, [header, content]);
          remember(name, header.length + content.length, Date.now());
          writtenBytes += content.length;
          if (writtenBytes > maxBytes / 16) await lookAgain();
          await shrink();
        } catch {
          restUntilMs = Date.now() + REST_MS;
        } finally {
          waitingBytes -= content.length;
        }
      });
    },

    statistics: () => ({ bytes, blocks: entries.size, hits, misses, damaged }),

    close: async () => {
      while (pending.size > 0) await Promise.all(pending);
    },
  };
};

const fileName = (key: Buffer, block: number): string => `${key.toString("hex")}-${block}`;
