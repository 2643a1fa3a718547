import { connect } from "headcut";
import { sum } from "../statistics.ts";
import { type OperatorCase, operatorTables } from "./operator-cases.ts";

export interface OperatorTime {
  readonly name: string;
  /** Of the pipelines of the case, per row that goes in, on one thread, in the least disturbed run. */
  readonly nsPerRow: number;
}

const WARMUPS = 2;
const RUNS = 7;

interface Metrics {
  readonly pipelines: readonly { readonly name: string; readonly busyMs: number }[];
}

/** Measures case after case on one thread. Throws Error when a case names a pipeline that its plan does not have. */
export async function* measureOperators(cases: readonly OperatorCase[]): AsyncGenerator<OperatorTime> {
  if (cases.length === 0) return;
  const db = await connect({ threads: 1 });
  try {
    for (const sql of operatorTables) await db.query(sql);
    for (const { name, sql, rows, pipeline = /./ } of cases) {
      const times: number[] = [];
      for (let run = 0; run < WARMUPS + RUNS; run++) {
        const { metrics } = JSON.parse(await db.explain(sql, { analyze: true, format: "json" })) as {
          metrics: Metrics;
        };
        const counted = metrics.pipelines.filter((entry) => pipeline.test(entry.name));
        if (counted.length === 0) throw new Error(`${name}: there is no pipeline ${pipeline}`);
        times.push(sum(counted.map(({ busyMs }) => busyMs)));
      }
      yield { name, nsPerRow: (Math.min(...times.slice(WARMUPS)) * 1e6) / rows };
    }
  } finally {
    await db.close();
  }
}
