import { performance } from "node:perf_hooks";
import { type Connection, QueryError } from "headcut";

/** A query with all the memory it likes, and with a part of that. */
export interface SpillMeasurement {
  /** Bytes that it held at its peak, unlimited. */
  readonly peakBytes: number;
  readonly ms: number;
  readonly limitBytes: number;
  readonly within:
    | {
        readonly kind: "done";
        readonly ms: number;
        readonly diskBytes: number;
        readonly restarts: number;
        readonly threads: number;
        readonly isRight: boolean;
      }
    | { readonly kind: "failed"; readonly reason: string };
}

export interface SpillShare {
  /** The limit is the peak divided by this … */
  readonly divisor: number;
  /** … or, where that is less, this. */
  readonly floorBytes: number;
}

/** Runs the query unlimited, then within its share, each once for the figures and once for the answer. Throws QueryError of the unlimited run. */
export const measureSpilling = async (
  db: Connection,
  sql: string,
  { divisor, floorBytes }: SpillShare,
): Promise<SpillMeasurement> => {
  const expected = await answer(db, sql, {});
  const free = await analyze(db, sql, {});
  const limitBytes = Math.max(Math.floor(free.peakBytes / divisor), floorBytes);
  const common = { peakBytes: free.peakBytes, ms: free.ms, limitBytes };
  const options = { memoryLimitBytes: limitBytes };
  try {
    const rows = await answer(db, sql, options);
    const { ms, spills, restarts, threads } = await analyze(db, sql, options);
    const diskBytes = spills.reduce((sum, { bytes }) => sum + bytes, 0);
    return { ...common, within: { kind: "done", ms, diskBytes, restarts, threads, isRight: rows === expected } };
  } catch (cause) {
    if (!(cause instanceof QueryError)) throw cause;
    return { ...common, within: { kind: "failed", reason: cause.message } };
  }
};

interface Limits {
  readonly memoryLimitBytes?: number;
}

/** Sums of doubles may differ in their last digits, which the rows' text leaves out. */
const answer = async (db: Connection, sql: string, options: Limits): Promise<string> =>
  JSON.stringify((await db.query(sql, [], options)).toRows(), (_, value: unknown) => {
    if (typeof value === "bigint") return `${value}`;
    return typeof value === "number" ? Number(value.toPrecision(10)) : value;
  });

interface Metrics {
  readonly peakBytes: number;
  readonly spills: readonly { readonly bytes: number }[];
  readonly restarts: number;
  readonly threads: number;
}

const analyze = async (db: Connection, sql: string, options: Limits): Promise<Metrics & { readonly ms: number }> => {
  const start = performance.now();
  const result = await db.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`, [], options);
  const ms = performance.now() - start;
  const { metrics } = JSON.parse(result.toText()[0]!.join("")) as { metrics: Metrics };
  return { ...metrics, ms };
};
