import { type Dirent, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { QueryError } from "@headcut/plan";

/** A file that is, or should be, a shard. */
export interface ShardFile {
  readonly table: string;
  readonly name: string;
  readonly path: string;
}

/** The files found, and the folders that tell by their times whether it is worth looking again. */
export interface DirectoryScan {
  readonly files: readonly ShardFile[];
  /** Time of last change by folder, in ns. */
  readonly folders: ReadonlyMap<string, bigint>;
}

const EXTENSION = ".parquet";

/** The shards of `<directory>/<table>/*.parquet` and `<directory>/<table>.parquet`; names that begin with a dot are passed over. */
export const scanDirectory = (directory: string): DirectoryScan => {
  const files = new Map<string, ShardFile>();
  const folders = new Map<string, bigint>();
  const add = (table: string, name: string, path: string): void => {
    // A table's folder is looked at before a file beside it that bears the same name.
    const key = `${table}/${name}`;
    if (!files.has(key)) files.set(key, { table, name, path });
  };
  const visible = (folder: string): Dirent[] => {
    // The time first: what comes while we read is found by the next scan.
    folders.set(folder, changedAt(folder));
    return read(folder).filter(({ name }) => !name.startsWith("."));
  };
  const entries = visible(directory);
  for (const entry of entries) {
    const folder = join(directory, entry.name);
    if (!isDirectory(entry, folder)) continue;
    const table = entry.name.endsWith(EXTENSION) ? entry.name.slice(0, -EXTENSION.length) : entry.name;
    for (const { name } of visible(folder)) if (name.endsWith(EXTENSION)) add(table, name, join(folder, name));
  }
  for (const entry of entries) {
    const path = join(directory, entry.name);
    if (!entry.name.endsWith(EXTENSION) || entry.name === EXTENSION || isDirectory(entry, path)) continue;
    add(entry.name.slice(0, -EXTENSION.length), entry.name, path);
  }
  return { files: [...files.values()], folders };
};

/** A change may be followed by another in the same tick of the clock that files are stamped by. */
const CLOCK_TICK_NS = 100_000_000n;

/** Whether no folder has had an entry added or removed since it was scanned. */
export const isCurrent = ({ folders }: DirectoryScan, scannedAtMs: number): boolean => {
  const scannedAt = BigInt(Math.floor(scannedAtMs)) * 1_000_000n;
  for (const [folder, time] of folders) {
    if (time + CLOCK_TICK_NS > scannedAt || changedAt(folder) !== time) return false;
  }
  return true;
};

const isDirectory = (entry: Dirent, path: string): boolean =>
  entry.isDirectory() || (entry.isSymbolicLink() && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true);

const changedAt = (folder: string): bigint => {
  const stat = statSync(folder, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? -1n : stat.mtimeNs;
};

const read = (folder: string): Dirent[] => {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    // A table that was removed while we looked.
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw new QueryError("io", `cannot read the folder ${folder}: ${message}`, { cause });
  }
};
