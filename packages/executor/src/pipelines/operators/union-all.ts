import type { PhysicalUnionAll } from "@headcut/plan";
import type { PipelineBuilder } from "../pipeline-builder.ts";
import type { Produce } from "../query-builder.ts";
import { Row } from "../row.ts";

/** Each input has pipelines of its own into the same consumer. */
export const produceUnionAll: Produce<PhysicalUnionAll> = (query, plan, consumer) => {
  const used = plan.columns.flatMap(({ id }, position) => (consumer.needs.has(id) ? [{ id, position }] : []));
  const emitting = new Set<PipelineBuilder>();
  const starts: number[] = [];
  plan.inputs.forEach((input, i) => {
    starts.push(query.size);
    const ids = plan.inputColumns[i]!;
    query.produce(query, input, {
      needs: new Set(used.map(({ position }) => ids[position]!)),
      consume(pipeline, row) {
        emitting.add(pipeline);
        pipeline.enter(plan.operatorId, "union");
        pipeline.countAllRows(plan.operatorId);
        consumer.consume(pipeline, new Row(new Map(used.map(({ id, position }) => [id, row.source(ids[position]!)]))));
      },
    });
  });
  if (query.patientUnions.has(plan)) query.sinksFirst(starts, emitting);
};
