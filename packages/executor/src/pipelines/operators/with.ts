import type { Column, ColumnId, PhysicalCteScan, PhysicalPlan, PhysicalWith } from "@headcut/plan";
import { physicalInputs } from "@headcut/plan";
import { type SpooledRows, spoolSink } from "../../spill/spill-with.ts";
import { openSpoolSource, passingRow } from "../../spill/spool.ts";
import { materializeSink } from "../materialize-sink.ts";
import { fieldSources } from "../materialized.ts";
import type { Consumer, Produce, QueryBuilder } from "../query-builder.ts";
import { Row } from "../row.ts";
import { openRowSource } from "../row-source.ts";

/** Computes the definition once and keeps the columns that the body reads. */
export const produceWith: Produce<PhysicalWith> = (query, plan, consumer) => {
  const read = columnsRead(plan.body, plan.cteId);
  const columns: Column[] = plan.definition.columns.filter(({ id }) => read.has(id));
  if (query.spilling.has(plan.operatorId)) {
    const { sink, rows, publish } = spoolSink(query, plan.operatorId, columns);
    query.produce(query, plan.definition, sink);
    publish();
    query.spooledCtes.set(plan.cteId, rows);
  } else {
    const { sink, rows, publish } = materializeSink(query, plan.operatorId, columns);
    query.produce(query, plan.definition, sink);
    publish();
    query.ctes.set(plan.cteId, rows);
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
  const spooled = query.spooledCtes.get(plan.cteId);
  if (spooled !== undefined) {
    produceSpooledScan(query, plan, consumer, spooled);
    return;
  }
  const rows = query.ctes.get(plan.cteId);
  if (rows === undefined) throw new Error(`internal error: CTE ${plan.name} is read before it is defined`);
  openRowSource(query, rows.listOffset, rows.stride, (pipeline, address) => {
    pipeline.enter(plan.operatorId, `cte ${plan.name}`);
    pipeline.countRow(plan.operatorId);
    const fields = new Map(plan.columns.map(({ id }, position) => [id, rows.fields.get(plan.sources[position]!)!]));
    consumer.consume(pipeline, new Row(fieldSources(pipeline.code, fields, address)));
  });
};

const produceSpooledScan = (
  query: QueryBuilder,
  plan: PhysicalCteScan,
  consumer: Consumer,
  { spool, list, fields }: SpooledRows,
): void => {
  openSpoolSource(query, spool, list, (pipeline, address) => {
    pipeline.enter(plan.operatorId, `cte ${plan.name}`);
    pipeline.countRow(plan.operatorId);
    const read = new Map(plan.columns.map(({ id }, position) => [id, fields.get(plan.sources[position]!)!]));
    consumer.consume(pipeline, passingRow(pipeline.code, read, address));
  });
};

const columnsRead = (plan: PhysicalPlan, cteId: number): Set<ColumnId> => {
  const read = new Set<ColumnId>();
  const visit = (node: PhysicalPlan): void => {
    if (node.kind === "cteScan" && node.cteId === cteId) for (const id of node.sources) read.add(id);
    physicalInputs(node).forEach(visit);
  };
  visit(plan);
  return read;
};
