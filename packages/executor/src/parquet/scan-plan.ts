import type { DataType, Value } from "@headcut/plan";
import type { CacheTicket } from "../column-cache/slot.ts";
import type { ColumnRange } from "../run/runtime-filter.ts";
import type { Codec } from "./format.ts";
import type { FlatColumn } from "./schema.ts";

/** What threads need to read a Parquet table: plain data, made once per query and copied to workers. */
export interface ParquetScanPlan {
  readonly kind: "parquet";
  readonly files: readonly ParquetScanFile[];
  readonly morsels: readonly ParquetMorsel[];
  readonly pruning: PruneCounters;
  /** Whether what is fetched from far away is kept on the local disk; default true. */
  readonly fillCache?: boolean | undefined;
}

export interface ParquetScanFile {
  readonly path: string;
  /** The file is refused when it is no longer the one that was planned. */
  readonly identity: string;
  /** By column of the scan; undefined: its rows are NULL, the file lacks it or its path says so. */
  readonly columns: readonly (FlatColumn | ConstantColumn | undefined)[];
}

/** A column of which all rows of the file have one value, which is not in the file. */
export interface ConstantColumn {
  readonly kind: "constant";
  readonly type: DataType;
  readonly value: Exclude<Value, null>;
}

/** One row group, or some ranges of its rows. */
export interface ParquetMorsel {
  /** Index of its file in the plan. */
  readonly file: number;
  readonly rowGroup: number;
  readonly rowCount: number;
  /** By column of the scan. */
  readonly chunks: readonly (MorselChunk | undefined)[];
  /** Ascending; absent: all rows. */
  readonly ranges?: readonly RowRange[];
}

export interface MorselChunk {
  readonly codec: Codec;
  readonly fileOffset: number;
  readonly length: number;
  /** What the footer says its pages take decompressed; no page may claim more. */
  readonly uncompressedLength: number;
  /** The dictionary has all values that are not NULL. */
  readonly onlyDictionaryPages: boolean;
  /** Absent: the chunk is not looked for in the column cache. */
  readonly ticket?: CacheTicket;
  /** What the statistics say, of integer columns that were asked for. */
  readonly range?: ColumnRange;
}

/** Rows [start, end) of a row group. */
export interface RowRange {
  readonly start: number;
  readonly end: number;
}

/** For EXPLAIN ANALYZE. */
export interface PruneCounters {
  /** Files that were not even opened, by what their paths say. */
  readonly filesPruned: number;
  /** In all other files. */
  readonly rowGroups: number;
  readonly rowGroupsPrunedByStatistics: number;
  readonly rowGroupsPrunedByBloomFilter: number;
  /** Rows of row groups that are read, which the page index excludes. */
  readonly rowsPrunedByPageIndex: number;
}
