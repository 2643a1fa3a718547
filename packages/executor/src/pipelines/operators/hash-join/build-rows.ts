import { type ColumnId, constant } from "@headcut/plan";
import { compileConstant } from "../../../expressions/compile-constant.ts";
import { fieldSources } from "../../materialized.ts";
import type { PipelineBuilder } from "../../pipeline-builder.ts";
import type { Consumer, QueryBuilder } from "../../query-builder.ts";
import { type ColumnSource, Row } from "../../row.ts";
import { openRowSource } from "../../row-source.ts";
import { type JoinTable, joinRow, joinState } from "./join-table.ts";

/** A pipeline over the build rows, when all probe rows have been seen: those with a match (buildSemi) or without. */
export const produceBuildRows = (
  query: QueryBuilder,
  table: JoinTable,
  consumer: Consumer,
  begin: (pipeline: PipelineBuilder) => void = () => undefined,
): void => {
  const { plan } = table;
  openRowSource(query, table.state + joinState.list, table.stride, (pipeline, address) => {
    begin(pipeline);
    const { code } = pipeline;
    const { fn } = code;
    pipeline.enter(plan.operatorId, plan.joinKind === "buildSemi" ? "matched" : "unmatched");
    fn.get(address);
    fn.mem("i32.load8_u", joinRow.matched);
    if (plan.joinKind !== "buildSemi") fn.op("i32.eqz");
    fn.if(() => {
      const sources = new Map<ColumnId, ColumnSource>(fieldSources(code, table.columns, address, table.lasting));
      if (plan.joinKind === "buildOuter" || plan.joinKind === "full") {
        for (const { id, type } of plan.probe.columns) {
          const load = () => compileConstant(constant(type, null), code.scope(plan.operatorId));
          sources.set(id, { load, stable: true });
        }
      }
      pipeline.countRow(plan.operatorId);
      consumer.consume(pipeline, new Row(sources));
    });
  });
};
