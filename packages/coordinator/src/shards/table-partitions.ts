import { QueryError, type TableColumn } from "@headcut/plan";
import { checkPartitions, type PartitionFile } from "./check-partitions.ts";
import type { ShardSource } from "./describe-files.ts";
import { hiveValues, isHiveValue } from "./hive-path.ts";
import { partitionRange } from "./partition-key.ts";
import type { TableManifest } from "./table-manifest.ts";

/** How a load's files are partitioned, together with those that the table has. */
export interface TablePartitions {
  readonly partitionedBy: string;
  /** By the shard's name. */
  readonly partitions: ReadonlyMap<string, string>;
}

/**
 * By what a table is partitioned: by what it always was; of a new one by the column that is declared; else by what the folders of all files
 * name (`name=value`), the column of most values, the deepest of several, unless files have it as a column too, with other values. Undefined: by none. Throws QueryError "invalid-argument"
 * for another declaration than the table's, for one that files do not keep, and for a column whose values are not those of the folders.
 */
export const tablePartitions = (
  manifest: TableManifest,
  present: readonly PartitionFile[],
  sources: readonly ShardSource[],
  declared: string | undefined,
): TablePartitions | undefined => {
  const { table, shards } = manifest;
  if (declared !== undefined && shards.length > 0 && manifest.partitionedBy !== declared) {
    const how = manifest.partitionedBy === undefined ? "without partitions" : `by "${manifest.partitionedBy}"`;
    throw new QueryError("invalid-argument", `table ${table} was loaded ${how}, not by "${declared}"`, {
      hint: "How a table is partitioned is said when it is first loaded. Drop it, or load another.",
    });
  }
  const partitionedBy = manifest.partitionedBy ?? declared ?? (shards.length > 0 ? undefined : hiveColumn(sources));
  if (partitionedBy === undefined) return undefined;
  const added = sources.map(
    ({ path, shard, columns }): PartitionFile => ({ path, name: shard.name, rowCount: shard.rowCount, columns }),
  );
  const names = new Set(added.map(({ name }) => name));
  const partitions = checkPartitions(partitionedBy, [...present.filter(({ name }) => !names.has(name)), ...added]);
  const stray = sources.find((source) => isAsFolder(source, partitionedBy) === false);
  if (stray === undefined) return { partitionedBy, partitions };
  throw new QueryError(
    "invalid-argument",
    `${stray.path} has other values of "${partitionedBy}" than its folder's name says`,
  );
};

const hiveColumn = (sources: readonly ShardSource[]): string | undefined => {
  const [first] = sources;
  if (first === undefined) return undefined;
  const values = sources.map(({ path }) => hiveValues(path));
  const differ = (name: string): number => new Set(values.map((own) => own.get(name))).size;
  return [...values[0]!.keys()]
    .filter((name) => sources.every((source) => isAsFolder(source, name) === true))
    .reduce<string | undefined>(
      (best, name) => (best === undefined || differ(name) >= differ(best) ? name : best),
      undefined,
    );
};

/** Undefined: no folder names the column, or the file has no rows. */
const isAsFolder = ({ path, shard, columns, ownColumns }: ShardSource, name: string): boolean | undefined => {
  const value = hiveValues(path).get(name);
  if (value === undefined || shard.rowCount === 0) return undefined;
  const isNamed = (column: TableColumn): boolean => column.name === name;
  // A file that has the column itself must not say otherwise.
  const column = ownColumns.find(isNamed) ?? columns.find(isNamed);
  const range = column === undefined ? undefined : partitionRange(column);
  return range !== undefined && isHiveValue(range, value);
};
