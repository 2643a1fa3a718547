/**
 * How a column's values are compared: `integer` and `decimal` by value, `text` and `date` byte by byte, and
 * `double` to a relative 1e-9.
 */
export type AnswerType = "integer" | "decimal" | "double" | "date" | "text";

export interface AnswerColumn {
  readonly name: string;
  readonly type: AnswerType;
}

/** The rows a query should give, every value as text. */
export interface Answer {
  readonly columns: readonly AnswerColumn[];
  readonly rows: readonly (readonly (string | null)[])[];
}
