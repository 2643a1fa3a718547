import { QueryError } from "@headcut/plan";
import type { StatementResult } from "../statements/statement-result.ts";

/** What is written. */
export type OutputRows = Pick<StatementResult, "columns" | "encodedBatches">;

/** A result as a sequence of byte chunks; the caller owns their destination and the result. */
export type OutputFormat = (result: OutputRows, options: OutputOptions) => AsyncGenerator<Uint8Array>;

export interface OutputOptions {
  /** CSV: a line of names first (default true). */
  readonly header?: boolean;
  /** CSV: default ",". */
  readonly delimiter?: string;
  /** CSV: the text of NULL (default empty). */
  readonly nullText?: string;
  /** Parquet: default snappy. */
  readonly compression?: CompressionName;
  /** Parquet: rows, default 122,880. */
  readonly rowGroupSize?: number;
  /** Table: rows shown before the rest is summed up; undefined for all. */
  readonly maxRows?: number;
}

export type CompressionName = "snappy" | "zstd" | "gzip" | "none";

export const outputFormatNames = ["table", "csv", "json", "ndjson", "arrow", "parquet"] as const;
export type OutputFormatName = (typeof outputFormatNames)[number];

export const parseOutputFormat = (name: string): OutputFormatName => {
  const found = outputFormatNames.find((known) => known === name.toLowerCase());
  if (found === undefined) {
    throw new QueryError("invalid-argument", `unknown format ${name}`, {
      hint: `Use one of ${outputFormatNames.join(", ")}.`,
    });
  }
  return found;
};
