import { type Dirent, readdirSync, statSync } from "node:fs";
import { QueryError } from "@headcut/plan";

/** Whether the path needs `expandGlob`; a literal `*`, `?` or `[` in a file name can be written `[*]`. */
export const isGlob = (path: string): boolean => /[*?[]/.test(path);

/**
 * The files that match a pattern, sorted by name. `*` and `?` match within a name, `[abc]`, `[a-z]` and `[!a]` one
 * character, `**` any number of folders. Hidden names match only a pattern that begins with a dot. Throws QueryError
 * "io" when nothing matches.
 */
export const expandGlob = (pattern: string): readonly string[] => {
  const absolute = pattern.startsWith("/");
  const segments = pattern.split("/").filter((segment) => segment !== "");
  const found = new Set<string>();
  walk(absolute ? "/" : "", segments, found);
  if (found.size === 0) throw new QueryError("io", `no files match ${pattern}`);
  return [...found].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
};

const walk = (base: string, segments: readonly string[], found: Set<string>): void => {
  const [segment, ...rest] = segments;
  if (segment === undefined) return;
  if (segment === "**") {
    walk(base, rest.length === 0 ? ["*"] : rest, found);
    // Links are not followed here, since they may lead back.
    for (const entry of entries(base)) {
      if (!entry.name.startsWith(".") && entry.isDirectory()) walk(`${base}${entry.name}/`, segments, found);
    }
    return;
  }
  if (!isGlob(segment)) {
    visit(base + segment, kindOf(base + segment), rest, found);
    return;
  }
  const matches = segmentPattern(segment);
  for (const entry of entries(base)) {
    const { name } = entry;
    if (name.startsWith(".") && !segment.startsWith(".")) continue;
    if (matches.test(name)) visit(base + name, kindOfEntry(base, entry), rest, found);
  }
};

const visit = (path: string, kind: Kind | undefined, rest: readonly string[], found: Set<string>): void => {
  if (rest.length === 0) {
    if (kind === "file") found.add(path);
  } else if (kind === "directory") walk(`${path}/`, rest, found);
};

type Kind = "file" | "directory";

/** What the folder says itself, so that not every file has to be asked; but links are followed. */
const kindOfEntry = (base: string, entry: Dirent): Kind | undefined => {
  if (entry.isFile()) return "file";
  return entry.isDirectory() ? "directory" : kindOf(base + entry.name);
};

const kindOf = (path: string): Kind | undefined => {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.isFile() ? "file" : stat?.isDirectory() ? "directory" : undefined;
};

const entries = (base: string): Dirent[] => {
  try {
    return readdirSync(base === "" ? "." : base, { withFileTypes: true });
  } catch {
    // A folder that we may not list matches nothing.
    return [];
  }
};

/** One path segment of a pattern as a regular expression. */
export const segmentPattern = (segment: string): RegExp => {
  let source = "";
  for (let i = 0; i < segment.length; i++) {
    const char = segment[i]!;
    const close = char === "[" ? segment.indexOf("]", i + 2) : -1;
    if (char === "*") source += ".*";
    else if (char === "?") source += ".";
    else if (close > 0) {
      source += characterClass(segment.slice(i + 1, close));
      i = close;
    } else source += escapeRegExp(char);
  }
  return new RegExp(`^${source}$`, "su");
};

const characterClass = (body: string): string => {
  const negated = body.startsWith("!") || body.startsWith("^");
  const members = (negated ? body.slice(1) : body).replace(/[\\\]^[]/g, "\\$&");
  return `[${negated ? "^" : ""}${members}]`;
};

const escapeRegExp = (char: string): string => char.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
