import { isGlob, segmentPattern } from "../glob.ts";

/** Which keys of a bucket a path means. */
export interface KeyPattern {
  /** All of them begin with it. */
  readonly prefix: string;
  /** None has a slash behind the prefix. */
  readonly flat: boolean;
  matches(key: string): boolean;
}

/**
 * A glob of keys: as for local files, `*`, `?` and `[…]` match within a name, `**` any number of folders, and names that begin
 * with a dot only where the pattern has the dot.
 */
export const globPattern = (pattern: string): KeyPattern => {
  const special = pattern.search(/[*?[]/);
  const literal = special < 0 ? pattern : pattern.slice(0, special);
  const segments = pattern.split("/");
  const matchers = segments.map((segment) => (segment === "**" ? "folders" : segmentMatcher(segment)));
  return {
    prefix: literal,
    flat: !pattern.slice(literal.length).includes("/") && segments.at(-1) !== "**",
    matches: (key) => key === pattern || matchSegments(matchers, key.split("/")),
  };
};

/** All Parquet files of a folder and of those in it, but what is hidden: names that begin with a dot or an underscore. */
export const folderPattern = (folder: string): KeyPattern => {
  const prefix = folder === "" || folder.endsWith("/") ? folder : `${folder}/`;
  return {
    prefix,
    flat: false,
    matches: (key) => {
      const names = key.slice(prefix.length).split("/");
      return /\.parquet$/i.test(key) && names.every((name) => !/^[._]/.test(name));
    },
  };
};

type Matcher = "folders" | ((name: string) => boolean);

const segmentMatcher = (segment: string): ((name: string) => boolean) => {
  if (!isGlob(segment)) return (name) => name === segment;
  const pattern = segmentPattern(segment);
  return (name) => name !== "" && (!name.startsWith(".") || segment.startsWith(".")) && pattern.test(name);
};

const matchSegments = (matchers: readonly Matcher[], names: readonly string[]): boolean => {
  const [matcher, ...rest] = matchers;
  const [name, ...others] = names;
  if (matcher === undefined) return names.length === 0;
  if (name === undefined) return false;
  if (matcher !== "folders") return matcher(name) && matchSegments(rest, others);
  if (rest.length === 0) return names.every((each) => each !== "" && !each.startsWith("."));
  if (matchSegments(rest, names)) return true;
  return name !== "" && !name.startsWith(".") && matchSegments(matchers, others);
};
