export type { Answer, AnswerColumn, AnswerType } from "./answers/answer.ts";
export { compareAnswers } from "./answers/compare.ts";
export { storedAnswers } from "./answers/stored.ts";
export { runTpchCommand } from "./command.ts";
export { type GenerateOptions, type GenerateResult, generate } from "./generate.ts";
export { type Part, tableGlobs } from "./output/shards.ts";
export type { CompressionName, FormatName } from "./output/sink.ts";
export { drawParameters, queryText, validationParameters } from "./queries/queries.ts";
export type {
  ClusterFigures,
  Engine,
  EngineAnswer,
  EngineNodes,
  OpenEngine,
  OpenEngineOptions,
} from "./runner/engine.ts";
export type { KillResult, QueryResult, RunReport } from "./runner/run.ts";
export {
  type ColumnDefinition,
  type ColumnType,
  schema,
  type TableDefinition,
  type TableName,
  tableNames,
} from "./schema.ts";
