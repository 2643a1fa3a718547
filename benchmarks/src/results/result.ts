import type { EngineName } from "../engines/engine.ts";
import type { Timings } from "../measure/alternate.ts";
import type { Environment } from "./environment.ts";

/** What a run was asked for. */
export interface ResultOptions {
  readonly set: string;
  readonly threads: number;
  readonly runs: number;
  readonly cache: boolean;
  readonly writer: string;
  readonly engines: readonly EngineName[];
}

export interface QueryTimings {
  readonly name: string;
  readonly rowCount: number;
  /** Whether the answers were compared with a stored one or among engines. */
  readonly checked: boolean;
  /** Empty when there is a problem. */
  readonly ms: Timings;
  /** Why there are no times: an error, or a wrong answer. */
  readonly problem?: string;
  /** By headcut, in one run. */
  readonly bytesRead?: number;
}

/** A result file: every time that was taken, and all one needs to know to repeat it. */
export interface BenchmarkResult extends Environment {
  readonly format: 1;
  readonly options: ResultOptions;
  readonly queries: readonly QueryTimings[];
  /** Highest resident memory of a process of its own that ran all queries, by engine. */
  readonly peakBytes?: Partial<Record<EngineName, number>>;
}
