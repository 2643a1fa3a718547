import type { RandomStream } from "../generator/random-stream.ts";

/** What a query's parameters are drawn from. */
export interface Draw {
  /** The query's own stream. */
  readonly stream: RandomStream;
  readonly scaleFactor: number;
}

/** One of the 22 queries of TPC-H, as clause 2.4 of the specification defines it. */
export interface Query {
  readonly number: number;
  /** The query in SQL, with its substitution parameters filled in. */
  sql(parameters: readonly string[]): string;
  /** The substitution parameters of the validation run, for which answers are known. */
  validation(scaleFactor: number): readonly string[];
  /** Draws parameters by the rules of the specification, in the order in which qgen draws them. */
  draw(from: Draw): readonly string[];
  /** The columns that ORDER BY names, by position from 0; rows that agree in them may come in any order. */
  readonly orderBy: readonly number[];
}
