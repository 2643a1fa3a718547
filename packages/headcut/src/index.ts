export {
  type DataType,
  type IntervalValue,
  QueryError,
  type QueryErrorCode,
  type SourceRange,
  type TypedValue,
  typeName,
} from "@headcut/plan";
export type { BatchStream, ResultColumn } from "./batch-stream.ts";
export { type ClusterOptions, type ConnectOptions, connect } from "./connect.ts";
export type { Connection, ExplainOptions, PreparedStatement, QueryOptions } from "./connection.ts";
export type { Parameter, Parameters } from "./parameters.ts";
export type { JavaScriptValue, ValueOptions } from "./result/javascript-values.ts";
export type { QueryResult, Row } from "./result/query-result.ts";
export type { RunOptions } from "./statements/statement-context.ts";
export type { TableSource } from "./table-source.ts";
