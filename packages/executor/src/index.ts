export { arrowLibrary, loadArrow, prepareArrow } from "./arrow/load-arrow.ts";
export type { ColumnCacheStatistics } from "./column-cache/column-cache.ts";
export { createCondition } from "./condition.ts";
export { type Engine, type EngineOptions, type ExecuteOptions, openEngine } from "./engine.ts";
export { partitionOf } from "./expressions/call/partition-call.ts";
export { storedAs } from "./expressions/call/storage-call.ts";
export { expandGlob, isGlob } from "./io/glob.ts";
export { isObjectPath } from "./io/s3/location.ts";
export type { ObjectStoreStatistics } from "./io/s3/object-store.ts";
export type { S3Settings } from "./io/s3/settings.ts";
export { type Lz4, MAX_LZ4_BLOCK_BYTES, openLz4 } from "./lz4/open-lz4.ts";
export { isEngineFull } from "./memory/engine-full.ts";
export { type FileStatistics, mergeFileStatistics } from "./parquet/merge-file-statistics.ts";
export { openParquetFile, type ParquetFileInfo } from "./parquet/open-file.ts";
export { openParquetTable } from "./parquet/open-table.ts";
export { constantColumn } from "./parquet/path-columns.ts";
export { planParquetScan } from "./parquet/plan-scan.ts";
export {
  openRowGroupScan,
  type RowGroupScan,
  type RowGroupScanOptions,
  type ScanBatch,
  type ScanCounters,
} from "./parquet/row-group-scan.ts";
export type { ScanFilter } from "./parquet/scan-filter.ts";
export type { ParquetMorsel, ParquetScanFile, ParquetScanPlan, RowRange } from "./parquet/scan-plan.ts";
export { arrowSchema } from "./results/arrow-schema.ts";
export type { EncodedBatch, EncodedColumn } from "./results/encoded-batch.ts";
export { type QueryRun, queryRun, type RowSource } from "./results/query-run.ts";
export { recordBatch } from "./results/record-batch.ts";
export type { PipelineMetrics, QueryMetrics, ScanTotals } from "./run/query-metrics.ts";
export { checkLimits, type Limits, watchLimits } from "./run/watch-limits.ts";
export type { RowStream } from "./streams/row-stream.ts";
export { dataTypeOfField } from "./tables/arrow-type.ts";
export type { MemoryTable, MemoryTableColumn } from "./tables/memory-table.ts";
export type { ReceivedTable } from "./tables/received-table.ts";
export type { TableStore } from "./tables/table-store.ts";
