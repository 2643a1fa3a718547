import type { PhysicalUnionAll } from "@headcut/plan";
import type { Produce } from "../query-builder.ts";
import { Row } from "../row.ts";

/** Each input has pipelines of its own into the same consumer. */
export const produceUnionAll: Produce<PhysicalUnionAll> = (query, plan, consumer) => {
  const used = plan.columns.flatMap(({ id }, position) => (consumer.needs.has(id) ? [{ id, position }] : []));
  plan.inputs.forEach((input, i) => {
    const ids = plan.inputColumns[i]!;
    query.produce(query, input, {
      needs: new Set(used.map(({ position }) => ids[position]!)),
      consume(pipeline, row) {
        pipeline.enter(plan.operatorId, "union");
        pipeline.countAllRows(plan.operatorId);
        consumer.consume(pipeline, new Row(new Map(used.map(({ id, position }) => [id, row.source(ids[position]!)]))));
      },
    });
  });
};
