import type { Answer } from "@headcut/tpch";
import type { SetData } from "../engines/engine.ts";

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
  readonly queries: readonly BenchmarkQuery[];
  readonly data: SetData;
}
