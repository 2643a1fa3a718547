import { basename, dirname, resolve } from "node:path";
import { isOneValue, type PartitionRange, partitionText } from "./partition-key.ts";

/** `name=value`, as Hive names the folders of partitioned tables. */
const FOLDER = /^([^=]+)=(.+)$/s;

const foldersOf = (path: string): readonly string[] =>
  dirname(resolve(path))
    .split(/[/\\]/)
    .filter((folder) => FOLDER.test(folder));

/** The values that folders of a path name, by their columns. */
export const hiveValues = (path: string): ReadonlyMap<string, string> =>
  new Map(
    foldersOf(path).map((folder) => {
      const [, name, value] = FOLDER.exec(folder)!;
      return [unescaped(name!), unescaped(value!)];
    }),
  );

/** The file's name, behind its partitions': in Hive's folders files of different ones are called alike. */
export const hiveFileName = (path: string): string => [...foldersOf(path), basename(path)].join(",");

/** Whether all values of a file are the one that its folder names. */
export const isHiveValue = (range: PartitionRange, text: string): boolean => {
  if (!isOneValue(range)) return false;
  switch (range.kind) {
    case "integer":
      // Months are often written as 01.
      return /^-?\d+$/.test(text) && BigInt(text) === BigInt(range.min as number | bigint);
    case "date":
      return partitionText(range, range.min) === text;
    case "text":
      return range.min === text;
  }
};

const unescaped = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
