import { openParquetTable } from "@headcut/executor";
import { QueryError, sameType, type TableColumn, typeName } from "@headcut/plan";
import { withConstants } from "./constant-columns.ts";
import { fileSha256, shardIdentity } from "./footer-hash.ts";
import { hiveFileName } from "./hive-path.ts";
import { checkShardName } from "./shard-name.ts";
import type { ManifestShard } from "./table-manifest.ts";

/** A local file that is to become a shard. */
export interface ShardSource {
  readonly path: string;
  readonly shard: ManifestShard;
  /** With this file's statistics alone; what its path says included. */
  readonly columns: readonly TableColumn[];
  /** As the file itself has them. */
  readonly ownColumns: readonly TableColumn[];
}

export interface DescribeOptions {
  /** Hears of each. */
  readonly onFile?: (done: number) => void;
  /** Whether folders' names `column=value` are columns; default true. */
  readonly hasPathColumns?: boolean;
}

/**
 * What a manifest will say of some local Parquet files; their columns must agree. Throws QueryError "type-mismatch",
 * "invalid-argument" for two files of one name, and what reading them throws.
 */
export const describeFiles = async (
  table: string,
  paths: readonly string[],
  { onFile, hasPathColumns = true }: DescribeOptions = {},
): Promise<{ readonly sources: readonly ShardSource[]; readonly columns: readonly TableColumn[] }> => {
  const names = new Map<string, string>();
  for (const path of paths) {
    const name = hiveFileName(path);
    checkShardName(name);
    const other = names.get(name);
    if (other !== undefined) {
      throw new QueryError("invalid-argument", `${path} and ${other} have the same name, and would be the same shard`);
    }
    names.set(name, path);
  }
  const whole = await openParquetTable(table, paths, undefined, undefined, { hasPathColumns });
  const files = whole.source.kind === "parquet" ? whole.source.files : [];
  const sources: ShardSource[] = [];
  for (const [i, path] of paths.entries()) {
    const options = { hasPathColumns: false };
    const { columns: ownColumns } = await openParquetTable(table, [path], undefined, undefined, options);
    const { sizeBytes, rowCount, constants } = files[i]!;
    const shard = {
      name: hiveFileName(path),
      sizeBytes,
      sha256: await fileSha256(path),
      identity: await shardIdentity(path),
      rowCount,
      ...(constants !== undefined && { constants }),
    };
    sources.push({ path, shard, columns: withConstants(ownColumns, constants, rowCount), ownColumns });
    onFile?.(sources.length);
  }
  return { sources, columns: whole.columns };
};

/** New shards must fit those that are there. Throws QueryError "type-mismatch". */
export const checkSameColumns = (
  table: string,
  columns: readonly TableColumn[],
  present: readonly TableColumn[],
): void => {
  for (const column of columns) {
    const own = present.find(({ name }) => name === column.name);
    if (own === undefined) {
      throw new QueryError("type-mismatch", `table ${table} has no column "${column.name}"`, {
        hint: `Its columns are ${present.map(({ name }) => name).join(", ")}.`,
      });
    }
    if (!sameType(own.type, column.type)) {
      throw new QueryError(
        "type-mismatch",
        `column "${column.name}" is ${typeName(column.type)}, but ${typeName(own.type)} in table ${table}`,
      );
    }
  }
};
