import { existsSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve, sep } from "node:path";
import { expandGlob, isGlob } from "@headcut/executor";
import { QueryError } from "@headcut/plan";

/** `s3://…`: what a node reads there, it reads with its own rights. */
const STORE = /^s3:\/\//i;

/**
 * The paths and globs as this node is to read them for a client: those of stores as they are, and of the node's own disk the files that
 * really lie in some directories, links followed. Throws QueryError "unsupported" for any other, whether it exists or not.
 */
export const readablePaths = (paths: readonly string[], directories: readonly string[]): readonly string[] => {
  const roots = directories.map((directory) => realLocation(resolve(directory)));
  const check = (path: string, written: string): string => {
    const real = realLocation(path);
    if (roots.some((root) => isWithin(real, root))) return path;
    throw new QueryError("unsupported", `${written} is not in a directory that this node reads for its clients`, {
      hint: "Name a table of the cluster, files of an s3:// store, or files in the node's data directory.",
    });
  };
  return paths.flatMap((path) => {
    if (STORE.test(path)) return [path];
    const absolute = resolve(path);
    if (!isGlob(path) || existsSync(absolute)) return [check(absolute, path)];
    // Where nothing may be read, nothing is searched either.
    check(fixedPart(absolute), path);
    return expandGlob(absolute).map((file) => check(file, path));
  });
};

const isWithin = (path: string, root: string): boolean =>
  path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);

/** Where a path leads, links followed as far as it exists. */
const realLocation = (path: string): string => {
  if (existsSync(path)) return realpathSync(path);
  const parent = dirname(path);
  return parent === path ? path : join(realLocation(parent), basename(path));
};

/** The directories of a glob before its first special character. */
const fixedPart = (glob: string): string => dirname(`${glob.slice(0, glob.search(/[*?[]/))}x`);
