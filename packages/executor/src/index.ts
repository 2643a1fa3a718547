export { expandGlob, isGlob } from "./io/glob.ts";
export { openParquetFile, type ParquetFileInfo } from "./parquet/open-file.ts";
export { openParquetTable } from "./parquet/open-table.ts";
