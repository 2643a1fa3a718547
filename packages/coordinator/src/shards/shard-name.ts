import { QueryError } from "@headcut/plan";

/** Such a name is percent-encoded into that of its manifest, and file systems allow 255 bytes. */
const MAX_TABLE_BYTES = 80;
const MAX_NAME_BYTES = 200;

const isFileName = (text: string, maxBytes: number): boolean =>
  text !== "" && !text.startsWith(".") && !/[/\\\0]/.test(text) && Buffer.byteLength(text) <= maxBytes;

/** A folder of the data directory, and nothing outside it. Throws QueryError "invalid-argument". */
export const checkTableName = (table: string): void => {
  if (isFileName(table, MAX_TABLE_BYTES)) return;
  throw new QueryError("invalid-argument", `${JSON.stringify(table)} cannot be the name of a table of shards`, {
    hint: `It names a folder: up to ${MAX_TABLE_BYTES} bytes, no slashes, no dot in front.`,
  });
};

/** A Parquet file in such a folder. Throws QueryError "invalid-argument". */
export const checkShardName = (name: string): void => {
  if (isFileName(name, MAX_NAME_BYTES) && name.endsWith(".parquet")) return;
  throw new QueryError("invalid-argument", `${JSON.stringify(name)} cannot be the name of a shard`, {
    hint: `It names a file: up to ${MAX_NAME_BYTES} bytes, no slashes, no dot in front, ".parquet" at the end.`,
  });
};
