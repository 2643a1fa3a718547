import { join } from "node:path";
import { type DriverName, driverOf, drivers } from "../generator/drivers.ts";
import type { RowRange, Scale } from "../scale.ts";
import { type TableName, tableNames } from "../schema.ts";
import type { FormatName } from "./sink.ts";

/** A slice of a driver table: one file for each of the driver's tables. */
export interface Shard {
  readonly driver: DriverName;
  readonly index: number;
  readonly range: RowRange;
}

/** The i-th of n parts of the shards, i counted from 1. */
export interface Part {
  readonly index: number;
  readonly count: number;
}

/**
 * All shards of a scale factor, the heavy ones first, so that threads finish at about the same time. Every table but
 * region and nation has at least `minShards` shards, or as many as it has rows.
 */
export function planShards(scale: Scale, minShards = 1): readonly Shard[] {
  return drivers.toReversed().flatMap(({ name, fixed, rowsPerShard, rowCount }) => {
    const rows = rowCount(scale);
    const count = fixed ? 1 : Math.max(Math.ceil(rows / rowsPerShard), Math.min(minShards, rows));
    return Array.from({ length: count }, (_, index) => ({
      driver: name,
      index,
      range: { first: Math.floor((index * rows) / count), end: Math.floor(((index + 1) * rows) / count) },
    }));
  });
}

/** The shards of one part: together, the parts are all the shards, and each shard is in one part. */
export function shardsOfPart(shards: readonly Shard[], { index, count }: Part): readonly Shard[] {
  return shards.filter((_, i) => i % count === index - 1);
}

/** `OUT/lineitem/lineitem-00000.parquet` and so on. */
export function shardPath(directory: string, table: TableName, index: number, format: FormatName): string {
  return join(directory, table, `${table}-${String(index).padStart(5, "0")}.${format}`);
}

/** The files of a shard. */
export function shardPaths(directory: string, shard: Shard, format: FormatName): readonly string[] {
  return driverOf(shard.driver).tables.map((table) => shardPath(directory, table, shard.index, format));
}

/** For every table, the glob of its Parquet files. */
export function tableGlobs(directory: string): Record<TableName, string> {
  const globs = tableNames.map((table) => [table, join(directory, table, "*.parquet")]);
  return Object.fromEntries(globs) as Record<TableName, string>;
}
