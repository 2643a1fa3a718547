import type { Column, ColumnId, PhysicalCteScan, PhysicalPlan, PhysicalWith } from "@headcut/plan";
import { physicalInputs } from "@headcut/plan";
import { type SpooledRows, spoolSink } from "../../spill/spill-with.ts";
import { openSpoolSource, passingRow } from "../../spill/spool.ts";
import { materializeSink } from "../materialize-sink.ts";
import { fieldSources, type Materialized } from "../materialized.ts";
import type { PipelineBuilder } from "../pipeline-builder.ts";
import type { Produce, QueryBuilder, ReadCte } from "../query-builder.ts";
import { Row } from "../row.ts";
import type { Field } from "../row-layout.ts";
import { openRowSource } from "../row-source.ts";

/** Computes the definition once and keeps the columns that the body reads. */
export const produceWith: Produce<PhysicalWith> = (query, plan, consumer) => {
  const read = columnsRead(plan.body, plan.cteId);
  const columns: Column[] = plan.definition.columns.filter(({ id }) => read.has(id));
  if (query.spilling.has(plan.operatorId)) {
    const { sink, rows, publish } = spoolSink(query, plan.operatorId, columns);
    query.produce(query, plan.definition, sink);
    publish();
    query.ctes.set(plan.cteId, readSpooled(query, rows));
  } else {
    const { sink, rows, publish } = materializeSink(query, plan.operatorId, columns);
    query.produce(query, plan.definition, sink);
    publish();
    query.ctes.set(plan.cteId, readMaterialized(query, rows));
  }
  query.produce(query, plan.body, {
    needs: consumer.needs,
    consume(pipeline, row) {
      pipeline.enter(plan.operatorId, "with");
      pipeline.countAllRows(plan.operatorId);
      consumer.consume(pipeline, row);
    },
  });
};

export const produceCteScan: Produce<PhysicalCteScan> = (query, plan, consumer) => {
  const read = query.ctes.get(plan.cteId);
  if (read === undefined) throw new Error(`internal error: CTE ${plan.name} is read before it is defined`);
  read(plan, consumer);
};

const readMaterialized =
  (query: QueryBuilder, { listOffset, stride, fields }: Materialized): ReadCte =>
  (scan, consumer) =>
    openRowSource(query, listOffset, stride, (pipeline, address) => {
      enter(pipeline, scan);
      consumer.consume(pipeline, new Row(fieldSources(pipeline.code, fieldsOf(scan, fields), address)));
    });

const readSpooled =
  (query: QueryBuilder, { spool, list, fields }: SpooledRows): ReadCte =>
  (scan, consumer) =>
    openSpoolSource(query, spool, list, (pipeline, address) => {
      enter(pipeline, scan);
      consumer.consume(pipeline, passingRow(pipeline.code, fieldsOf(scan, fields), address));
    });

const enter = (pipeline: PipelineBuilder, { operatorId, name }: PhysicalCteScan): void => {
  pipeline.enter(operatorId, `cte ${name}`);
  pipeline.countRow(operatorId);
};

/** The definition's fields under the ids that this scan gives them. */
const fieldsOf = (
  { columns, sources }: PhysicalCteScan,
  fields: ReadonlyMap<ColumnId, Field>,
): ReadonlyMap<ColumnId, Field> => new Map(columns.map(({ id }, position) => [id, fields.get(sources[position]!)!]));

const columnsRead = (plan: PhysicalPlan, cteId: number): Set<ColumnId> => {
  const read = new Set<ColumnId>();
  const visit = (node: PhysicalPlan): void => {
    if (node.kind === "cteScan" && node.cteId === cteId) for (const id of node.sources) read.add(id);
    physicalInputs(node).forEach(visit);
  };
  visit(plan);
  return read;
};
