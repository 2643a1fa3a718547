import { driverOf } from "../generator/drivers.ts";
import type { Scale } from "../scale.ts";
import { schema, type TableName } from "../schema.ts";
import { ParquetSink } from "./parquet-sink.ts";
import { type Shard, shardPath } from "./shards.ts";
import type { CompressionName, FormatName, ShardSink } from "./sink.ts";
import { TextSink } from "./text-sink.ts";

/** What the shards of a run have in common. */
export interface ShardSettings {
  readonly scale: Scale;
  readonly directory: string;
  readonly format: FormatName;
  readonly compression: CompressionName;
}

async function openSink(settings: ShardSettings, shard: Shard, table: TableName): Promise<ShardSink> {
  const { directory, format, compression } = settings;
  const path = shardPath(directory, table, shard.index, format);
  if (format === "tbl") return TextSink.create(path, schema[table]);
  const rowCount = driverOf(shard.driver).rowsIn(table, shard.range);
  return ParquetSink.create(path, schema[table], rowCount, compression);
}

/**
 * Generates a shard and writes its files, batch by batch; memory does not grow with the shard. `onRows` hears of
 * the rows of the driver table as they are written.
 */
export async function writeShard(
  settings: ShardSettings,
  shard: Shard,
  pool: Uint8Array,
  onRows: (rowCount: number) => void,
): Promise<void> {
  const driver = driverOf(shard.driver);
  const sinks = new Map<TableName, ShardSink>();
  try {
    for (const table of driver.tables) sinks.set(table, await openSink(settings, shard, table));
    for (const { table, batch } of driver.generate({ scale: settings.scale, range: shard.range, pool })) {
      await sinks.get(table)!.write(batch);
      if (table === driver.name) onRows(batch.rowCount);
    }
    for (const sink of sinks.values()) await sink.finish();
  } catch (error) {
    for (const sink of sinks.values()) await sink.abort();
    throw error;
  }
}
