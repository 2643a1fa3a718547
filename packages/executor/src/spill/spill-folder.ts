import { randomBytes } from "node:crypto";
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, unlinkSync } from "node:fs";
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

/** Folders are `<pid>-<number of the engine in its process>-<random>`. */
const OWNED = /^(\d+)-\d+-[0-9a-f]+$/;

let engines = 0;

/** Folders of engines of this process: a process id alone does not tell them from what an earlier process of that id left. */
const ours = new Set<string>();

/**
 * A folder of this engine's own in `directory`, made when first needed. What processes that have died left there is removed now. A file has no name
 * from the moment it is open, where the system allows it: then it cannot be left behind.
 */
export const createSpillFolder = (directory: string, limitBytes: number): SpillFolder => {
  const folder = join(resolve(directory), `${process.pid}-${engines++}-${randomBytes(6).toString("hex")}`);
  removeDeadFolders(resolve(directory));
  ours.add(folder);
  let used = false;
  let files = 0;

  const openFile = (path: string, named: string[]): number => {
    const descriptor = openSync(path, "wx+", 0o600);
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
        mkdirSync(folder, { recursive: true, mode: 0o700 });
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

/** What went wrong with a file of rows, or their folder, in a sentence. */
export const diskError = (error: unknown, verb: string, path: string): QueryError => {
  const { code } = error as NodeJS.ErrnoException;
  const reason = code === "ENOSPC" || code === "EDQUOT" ? "the disk is full" : String((error as Error).message);
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
    const pid = Number(OWNED.exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(pid) || ours.has(join(directory, name)) || (pid !== process.pid && isAlive(pid))) continue;
    try {
      rmSync(join(directory, name), { recursive: true, force: true });
    } catch {
      // Another user's, or another engine is just removing it.
    }
  }
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
};
