import type { Batch } from "../generator/column.ts";

export type FormatName = "parquet" | "tbl";
export type CompressionName = "snappy" | "zstd" | "none";

/** Where the batches of one shard go. Exactly one of `finish` and `abort` ends it. */
export interface ShardSink {
  write(batch: Batch): Promise<void>;
  /** Completes the file and puts it in its place. */
  finish(): Promise<void>;
  /** Gives the shard up and removes what was written. */
  abort(): Promise<void>;
}
