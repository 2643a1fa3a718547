import type { SetData } from "../engines/engine.ts";
import { openDatabase } from "../engines/headcut-engine.ts";

/** A thread at work, in milliseconds since execution began; without a pipeline, the thread's whole task. */
interface Span {
  readonly thread: number;
  readonly pipeline?: number;
  readonly phase: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** One run of a query, as EXPLAIN ANALYZE tells it. */
export interface Timeline {
  /** From the text of the query to the last row. */
  readonly wallMs: number;
  readonly threads: number;
  readonly totalMs: number;
  readonly generateMs: number;
  readonly compileMs: number;
  readonly planScansMs: number;
  readonly pipelines: readonly { readonly name: string }[];
  readonly timeline: readonly Span[];
}

const WARM_UP_RUNS = 5;
const RUNS = 11;

/** The run of median length. */
export const measureTimeline = async (data: SetData, sql: string, threads: number): Promise<Timeline> => {
  const db = await openDatabase(data, { threads, cache: false });
  const runs: Timeline[] = [];
  try {
    for (let run = -WARM_UP_RUNS; run < RUNS; run++) {
      const start = performance.now();
      const { metrics } = JSON.parse(await db.explain(sql, { analyze: true, format: "json" })) as { metrics: Timeline };
      if (run >= 0) runs.push({ ...metrics, wallMs: performance.now() - start });
    }
  } finally {
    await db.close();
  }
  return runs.sort((a, b) => a.wallMs - b.wallMs)[RUNS >> 1]!;
};
