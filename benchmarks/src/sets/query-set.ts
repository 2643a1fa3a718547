import type { Answer } from "@headcut/tpch";
import type { SetData } from "../engines/engine.ts";

/** Of Parquet files; TPC-H's come from our generator, or from DuckDB which rewrites them. */
export type Writer = "headcut" | "duckdb";

export interface BenchmarkQuery {
  readonly name: string;
  readonly sql: string;
  /** The answer that is known beforehand. */
  readonly stored?: Answer;
  /** A sentence on the first difference; undefined when the answers agree. */
  readonly compare: (expected: Answer, rows: readonly (readonly unknown[])[]) => string | undefined;
}

/** Queries and the tables they ask. */
export interface QuerySet {
  readonly name: string;
  /** Who wrote the Parquet files. */
  readonly writer: Writer;
  readonly queries: readonly BenchmarkQuery[];
  readonly data: SetData;
}
