import { type ColumnId, unreachable } from "@headcut/plan";
import type { ProbeTurns } from "../../../spill/probe-turns.ts";
import { expressionColumns } from "../../expression-columns.ts";
import type { PipelineBuilder } from "../../pipeline-builder.ts";
import type { Consumer } from "../../query-builder.ts";
import type { Row } from "../../row.ts";
import { consumeExistence, consumeMark, consumeSingle } from "./existence.ts";
import type { JoinTable } from "./join-table.ts";
import { consumeMatches, consumeMatchesOrAbsent, markMatches } from "./matches.ts";

/** The probe side's columns that the join and the operators above read. */
export const probeNeeds = ({ plan }: JoinTable, { needs }: Consumer): Set<ColumnId> => {
  const above = new Set([...needs, ...expressionColumns(plan.residual)]);
  return new Set([
    ...plan.probe.columns.flatMap(({ id }) => (above.has(id) ? [id] : [])),
    ...expressionColumns(...plan.keys.map(({ probe }) => probe)),
  ]);
};

/** Takes one probe row. */
export const consumeProbe = (
  pipeline: PipelineBuilder,
  table: JoinTable,
  row: Row,
  consumer: Consumer,
  turns?: ProbeTurns,
): void => {
  const { joinKind } = table.plan;
  switch (joinKind) {
    case "inner":
    case "buildOuter":
      consumeMatches(pipeline, table, row, consumer);
      return;
    case "probeOuter":
    case "full":
      consumeMatchesOrAbsent(pipeline, table, row, consumer, turns);
      return;
    case "probeSemi":
    case "probeAnti":
      consumeExistence(pipeline, table, row, consumer, turns);
      return;
    case "mark":
      consumeMark(pipeline, table, row, consumer, turns);
      return;
    case "single":
      consumeSingle(pipeline, table, row, consumer, turns);
      return;
    case "buildSemi":
    case "buildAnti":
      markMatches(pipeline, table, row);
      return;
    default:
      unreachable(joinKind);
  }
};
