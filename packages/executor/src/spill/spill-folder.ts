import { randomBytes } from "node:crypto";
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { QueryError } from "@headcut/plan";

/** What threads need to put rows on disk; plain data. */
export interface SpillFiles {
  /** Open files, by spool, and what they were called, for errors. */
  readonly descriptors: readonly number[];
  readonly paths: readonly string[];
  /** Bytes on disk that all queries of the engine may have together. */
  readonly limitBytes: number;
}

export interface OpenSpillFiles extends SpillFiles {
  readonly close: () => void;
}

/** The part that goes to threads. */
export const plainFiles = ({ descriptors, paths, limitBytes }: SpillFiles): SpillFiles => ({
  descriptors,
  paths,
  limitBytes,
});

/** Where queries of one engine put rows that find no room in memory. */
export interface SpillFolder {
  /** So many empty files, which nobody else can open. Throws QueryError "io". */
  readonly open: (count: number) => OpenSpillFiles;
  readonly close: () => void;
}

export const defaultSpillDirectory = (): string => join(tmpdir(), "headcut-spill");

/** Folders are `<pid>-<when that process started, or 0>-<number of the engine in its process>-<random>`. */
const OWNED = /^(\d+)-(\d+)-\d+-[0-9a-f]+$/;

let engines = 0;

/** Folders of engines of this process: where there is no telling when processes started, an earlier one of this id may have left others. */
const ours = new Set<string>();

/** Attempts to make a file in a folder which somebody who takes us for dead removes. */
const ATTEMPTS = 3;

/**
 * A folder of this engine's own in `directory`, made when first needed. What processes that have died left there is removed now. A file has no name
 * from the moment it is open, where the system allows it: then it cannot be left behind.
 */
export const createSpillFolder = (directory: string, limitBytes: number): SpillFolder => {
  const started = startOf(process.pid) ?? 0;
  const folder = join(resolve(directory), `${process.pid}-${started}-${engines++}-${randomBytes(6).toString("hex")}`);
  removeDeadFolders(resolve(directory));
  ours.add(folder);
  let used = false;
  let files = 0;

  const makeFolder = (): void => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  };
  const createFile = (path: string): number => {
    for (let attempt = 1; ; attempt++) {
      try {
        return openSync(path, "wx+", 0o600);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOENT" || attempt === ATTEMPTS) throw error;
        makeFolder();
      }
    }
  };
  const openFile = (path: string, named: string[]): number => {
    const descriptor = createFile(path);
    try {
      unlinkSync(path);
    } catch {
      // Windows keeps the name of an open file: it goes when the file is closed.
      named.push(path);
    }
    return descriptor;
  };

  return {
    open: (count) => {
      const descriptors: number[] = [];
      const paths: string[] = [];
      const named: string[] = [];
      const close = (): void => {
        for (const descriptor of descriptors) closeSync(descriptor);
        for (const path of named) rmSync(path, { force: true });
      };
      try {
        used = true;
        makeFolder();
        while (descriptors.length < count) {
          const path = join(folder, `${files++}`);
          descriptors.push(openFile(path, named));
          paths.push(path);
        }
      } catch (error) {
        close();
        throw diskError(error, "keep", folder);
      }
      return { descriptors, paths, limitBytes, close };
    },
    close: () => {
      if (used) rmSync(folder, { recursive: true, force: true });
      ours.delete(folder);
    },
  };
};

/** What went wrong with a file of rows, or their folder, in a sentence. `there`: bytes that queries of the engine have on disk already. */
export const diskError = (error: unknown, verb: string, path: string, there = 0): QueryError => {
  const { code } = error as NodeJS.ErrnoException;
  const isFull = code === "ENOSPC" || code === "EDQUOT";
  const reason = isFull
    ? `the disk is full, with ${Math.ceil(there / 2 ** 10)} KiB of queries' rows`
    : String((error as Error).message);
  return new QueryError("io", `cannot ${verb} rows in ${path}: ${reason}`, {
    hint: "rows that find no room in memory are put in spillDirectory: let it be on a disk with room, or give the query more memory",
    cause: error,
  });
};

/** A folder whose process lives in another container, and seems dead from here, has no files to lose: they have no names. */
const removeDeadFolders = (directory: string): void => {
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch {
    return;
  }
  for (const name of names) {
    const [, pid, started] = OWNED.exec(name) ?? [];
    if (pid === undefined || ours.has(join(directory, name)) || isAlive(Number(pid), Number(started))) continue;
    try {
      rmSync(join(directory, name), { recursive: true, force: true });
    } catch {
      // Another user's, or another engine is just removing it.
    }
  }
};

/** Whether the process is, and not only another one of its number. */
const isAlive = (pid: number, started: number): boolean => {
  const now = startOf(pid);
  if (now !== undefined && started !== 0) return now === started;
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
};

/** proc_pid_stat(5): behind the command, which may have blanks and brackets in it, fields from the third on; the 22nd is the start, in ticks since the boot. */
const startOf = (pid: number): number | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const started = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
    return Number.isNaN(started) ? undefined : started;
  } catch {
    return undefined;
  }
};
