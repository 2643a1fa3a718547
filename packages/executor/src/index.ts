export { expandGlob, isGlob } from "./io/glob.ts";
export { openParquetFile, type ParquetFileInfo } from "./parquet/open-file.ts";
export { openParquetTable } from "./parquet/open-table.ts";
export {
  openRowGroupScan,
  type RowGroupScan,
  type RowGroupScanOptions,
  type RowRange,
  type ScanBatch,
  type ScanCounters,
  type ScanFilter,
} from "./parquet/row-group-scan.ts";
