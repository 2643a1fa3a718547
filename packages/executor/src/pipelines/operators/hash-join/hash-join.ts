import { type PhysicalHashJoin, unreachable } from "@headcut/plan";
import { expressionColumns } from "../../expression-columns.ts";
import type { Consumer, Produce, QueryBuilder } from "../../query-builder.ts";
import { buildSink } from "./build.ts";
import { produceBuildRows } from "./build-rows.ts";
import { consumeExistence, consumeMark, consumeSingle } from "./existence.ts";
import { finishBuild } from "./finish-build.ts";
import { type JoinTable, planJoinTable } from "./join-table.ts";
import { consumeMatches, consumeMatchesOrAbsent, markMatches } from "./matches.ts";

/** Builds the table, then probes it in the pipeline of the other side; kinds that ask which build rows matched read those at last. */
export const produceHashJoin: Produce<PhysicalHashJoin> = (query, plan, consumer) => {
  const table = planJoinTable(query, plan, consumer.needs);
  query.produce(query, plan.build, buildSink(table));
  finishBuild(query, table);
  produceProbe(query, table, consumer);
  if (table.marksMatches) produceBuildRows(query, table, consumer);
};

const produceProbe = (query: QueryBuilder, table: JoinTable, consumer: Consumer): void => {
  const { plan } = table;
  const above = new Set([...consumer.needs, ...expressionColumns(plan.residual)]);
  query.produce(query, plan.probe, {
    needs: new Set([
      ...plan.probe.columns.flatMap(({ id }) => (above.has(id) ? [id] : [])),
      ...expressionColumns(...plan.keys.map(({ probe }) => probe)),
    ]),
    consume(pipeline, row) {
      pipeline.enter(plan.operatorId, "join");
      switch (plan.joinKind) {
        case "inner":
        case "buildOuter":
          return consumeMatches(pipeline, table, row, consumer);
        case "probeOuter":
        case "full":
          return consumeMatchesOrAbsent(pipeline, table, row, consumer);
        case "probeSemi":
        case "probeAnti":
          return consumeExistence(pipeline, table, row, consumer);
        case "mark":
          return consumeMark(pipeline, table, row, consumer);
        case "single":
          return consumeSingle(pipeline, table, row, consumer);
        case "buildSemi":
        case "buildAnti":
          return markMatches(pipeline, table, row);
        default:
          return unreachable(plan.joinKind);
      }
    },
  });
};
