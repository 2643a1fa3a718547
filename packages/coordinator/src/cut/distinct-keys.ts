import { columnRef, type PhysicalHashJoin } from "@headcut/plan";
import type { Cutting, OpenFragment } from "./open-fragment.ts";
import { withPlan } from "./open-fragment.ts";

/** Rows that are alike are left out where that leaves fewer than this share. */
const WORTHWHILE_SHARE = 0.5;

/** The side of a join of which it matters that a row is there, and not how often. */
const existing = ({ joinKind }: PhysicalHashJoin): "build" | "probe" | undefined => {
  switch (joinKind) {
    case "probeSemi":
    case "probeAnti":
    case "mark":
      return "build";
    case "buildSemi":
    case "buildAnti":
      return "probe";
    case "inner":
    case "probeOuter":
    case "buildOuter":
    case "full":
    case "single":
      return undefined;
  }
};

/** A side of a join as it is to travel: of a side that is only looked into each task sends the rows that differ, when they are expected to be few. */
export const travelling = (
  join: PhysicalHashJoin,
  side: "build" | "probe",
  open: OpenFragment,
  { nodeCount, domainOf, nextOperator }: Cutting,
): OpenFragment => {
  const { plan } = open;
  if (existing(join) !== side || plan.columns.length === 0 || plan.kind === "aggregate") return open;
  let values = 1;
  for (const column of plan.columns) values *= domainOf(columnRef(column)) ?? Number.POSITIVE_INFINITY;
  const tasks = open.runs.kind === "coordinator" ? 1 : nodeCount;
  const estimatedRows = values * tasks;
  if (!(estimatedRows <= plan.estimatedRows * WORTHWHILE_SHARE)) return open;
  const groups = plan.columns.map((column) => ({ id: column.id, name: column.name, expression: columnRef(column) }));
  return withPlan(open, {
    kind: "aggregate",
    operatorId: nextOperator(),
    columns: plan.columns,
    estimatedRows,
    input: plan,
    groups,
    aggregates: [],
  });
};
