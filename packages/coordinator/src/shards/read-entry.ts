import { openParquetFile, openParquetTable, type ParquetFileInfo } from "@headcut/executor";
import type { RowGroupLayout } from "../placement/split.ts";
import { shardIdentity } from "./footer-hash.ts";
import type { ShardFile } from "./scan-directory.ts";
import { type ShardEntry, shardPath } from "./shard-entry.ts";

/** A shard, and how this node's executor knows the file. */
export interface LocalShard {
  readonly entry: ShardEntry;
  readonly path: string;
  readonly localIdentity: string;
}

/** Reads a shard's footer, by way of the executor's caches. Throws QueryError "io", "corrupt-file", "unsupported". */
export const readShard = async ({ table, name, path }: ShardFile): Promise<LocalShard> => {
  const info = await openParquetFile(path);
  // What folders say is in the manifest: a data directory's path says nothing.
  const { columns } = await openParquetTable(table, [path], undefined, undefined, { hasPathColumns: false });
  const identity = await shardIdentity(path);
  const { sizeBytes, rowCount } = info;
  const rowGroups = rowGroupLayouts(info);
  return {
    entry: { table, name, path: shardPath(table, name), identity, sizeBytes, rowCount, rowGroups, columns },
    path,
    localIdentity: info.identity,
  };
};

/** Where each row group lies: from its first page on, all columns' compressed bytes. */
export const rowGroupLayouts = ({ rowGroups }: Pick<ParquetFileInfo, "rowGroups">): readonly RowGroupLayout[] =>
  rowGroups.map(({ rowCount, chunks }) => {
    const present = chunks.filter((chunk) => chunk !== undefined);
    const starts = present.map(({ dataPageOffset, dictionaryPageOffset }) =>
      Math.min(dataPageOffset, dictionaryPageOffset || dataPageOffset),
    );
    return {
      rowCount,
      byteOffset: starts.length === 0 ? 0 : Math.max(0, Math.min(...starts)),
      byteLength: present.reduce((sum, { totalCompressedSize }) => sum + Math.max(0, totalCompressedSize), 0),
    };
  });
