import type { PhysicalSeries } from "@headcut/plan";
import type { Value } from "../../expressions/value.ts";
import { countedLoop } from "../loops.ts";
import type { Produce } from "../query-builder.ts";
import { Row } from "../row.ts";

/** Numbers that `process` makes in one call; between calls a query can be cancelled, and waits for those who take its rows. */
export const SERIES_BLOCK_ROWS = 65_536;

/** Numbers at equal distances; one thread makes them, in order. */
export const produceSeries: Produce<PhysicalSeries> = (query, plan, consumer) => {
  const pipeline = query.open({ kind: "series", count: plan.count });
  pipeline.enter(plan.operatorId, "series");
  pipeline.keepOrder();
  const { code, params } = pipeline;
  const { fn } = code;
  pipeline.process(() => {
    pipeline.countRow(plan.operatorId, params.count);
    const next = fn.local("i64");
    fn.get(params.batch);
    fn.op("i64.extend_i32_u");
    fn.i64(BigInt(SERIES_BLOCK_ROWS) * plan.step);
    fn.op("i64.mul");
    fn.i64(plan.start);
    fn.op("i64.add");
    fn.set(next);
    countedLoop(fn, params.count, () => {
      const value: Value = { storage: "int64", locals: [fn.local("i64")], isNull: undefined };
      fn.get(next);
      fn.set(value.locals[0]!);
      const sources = plan.columns.map(({ id }) => [id, { load: () => value, stable: true }] as const);
      fn.get(next);
      fn.i64(plan.step);
      fn.op("i64.add");
      fn.set(next);
      consumer.consume(pipeline, new Row(new Map(sources)));
    });
  });
};
