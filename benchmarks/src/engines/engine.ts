import type { AnswerColumn } from "@headcut/tpch";

/** `duckdb` reads the same Parquet files as we do, `duckdb-native` its own tables with the same rows. */
export const engineNames = ["headcut", "duckdb", "duckdb-native"] as const;
export type EngineName = (typeof engineNames)[number];

/** A query's rows as JavaScript values, for comparison. */
export interface EngineAnswer {
  readonly columns: readonly AnswerColumn[];
  readonly rows: readonly (readonly unknown[])[];
}

/** What is measured. Queries are asked one at a time. */
export interface BenchmarkEngine {
  readonly name: EngineName;
  /** Runs a query until all its rows are there in the engine's columnar form; returns their number. This is what is timed. */
  run(sql: string): Promise<number>;
  answer(sql: string): Promise<EngineAnswer>;
  /** Bytes that a run reads from files; undefined when the engine does not say. */
  bytesRead(sql: string): Promise<number | undefined>;
  close(): Promise<void>;
}

export interface EngineOptions {
  readonly threads: number;
  /** Whether our cache of decoded columns is on; it concerns headcut alone. */
  readonly cache: boolean;
}

/** Where the tables of a set of queries lie. */
export interface SetData {
  /** For every table, the glob of its Parquet files. */
  readonly tables: Readonly<Record<string, string>>;
  /** The DuckDB database with the same tables, made from the Parquet files when it is first needed. */
  readonly nativePath: string;
}
