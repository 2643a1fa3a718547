export { type GenerateOptions, type GenerateResult, generate } from "./generate.ts";
export { type Part, tableGlobs } from "./output/shards.ts";
export type { CompressionName, FormatName } from "./output/sink.ts";
export { drawParameters, queryText, validationParameters } from "./queries/queries.ts";
export {
  type ColumnDefinition,
  type ColumnType,
  schema,
  type TableDefinition,
  type TableName,
  tableNames,
} from "./schema.ts";
