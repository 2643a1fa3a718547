import { writeArrow } from "./arrow.ts";
import { writeCsv } from "./csv.ts";
import type { OutputFormat, OutputFormatName } from "./format.ts";
import { writeJson, writeNdjson } from "./json.ts";
import { writeParquet } from "./parquet/write-parquet.ts";
import { writeTable } from "./table.ts";

export const outputFormats: Record<OutputFormatName, OutputFormat> = {
  table: writeTable,
  csv: writeCsv,
  json: writeJson,
  ndjson: writeNdjson,
  arrow: writeArrow,
  parquet: writeParquet,
};
