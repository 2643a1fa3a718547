import { mergeFileStatistics } from "@headcut/executor";
import { QueryError, sameType, type Table, type TableColumn, typeName } from "@headcut/plan";
import type { ShardedTable } from "./merge-listings.ts";
import type { ShardEntry } from "./shard-entry.ts";

/**
 * The table that the shards make together, as the executor makes one of files: the first gives the columns, others are matched by name. Throws
 * its problem, and QueryError "type-mismatch".
 */
export const tableOf = ({ name, shards, problem }: ShardedTable): Table => {
  if (problem !== undefined) throw problem;
  const entries = shards.map(({ entry }) => entry);
  const indexes = entries.map(({ columns }) => new Map(columns.map((column) => [column.name, column])));
  const columns = (entries[0]?.columns ?? []).map((column): TableColumn => {
    const parts = entries.map((entry, i) => {
      const own = indexes[i]!.get(column.name);
      if (own !== undefined) checkType(entry, own, entries[0]!, column);
      return { rowCount: entry.rowCount, own };
    });
    return {
      name: column.name,
      type: column.type,
      nullable: parts.some(({ own, rowCount }) => (own === undefined ? rowCount > 0 : own.nullable)),
      statistics: mergeFileStatistics(
        parts.map(({ rowCount, own }) => ({ rowCount, statistics: own === undefined ? "absent" : own.statistics })),
        column.type,
      ),
    };
  });
  return {
    name,
    columns,
    rowCount: entries.reduce((sum, { rowCount }) => sum + rowCount, 0),
    source: {
      kind: "parquet",
      files: shards.map(({ entry: { path, sizeBytes, rowCount, identity }, constants }) => ({
        path,
        sizeBytes,
        rowCount,
        identity,
        ...(constants !== undefined && { constants }),
      })),
    },
  };
};

const checkType = (entry: ShardEntry, own: TableColumn, first: ShardEntry, column: TableColumn): void => {
  if (sameType(own.type, column.type)) return;
  throw new QueryError(
    "type-mismatch",
    `column "${column.name}" is ${typeName(own.type)} in ${entry.path}, but ${typeName(column.type)} in ${first.path}`,
  );
};
