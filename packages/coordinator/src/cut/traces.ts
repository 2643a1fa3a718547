import {
  type ColumnId,
  type Expression,
  isInteger,
  type PhysicalJoinKind,
  type PhysicalScan,
  type Projection,
} from "@headcut/plan";
import type { SplitKey } from "./fragment.ts";

/** Of a fragment's columns, those that are a column of one of its scans of splits, value by value. */
export type Traces = ReadonlyMap<ColumnId, SplitKey>;

export const NO_TRACES: Traces = new Map();

export const scanTraces = ({ operatorId, read, table }: PhysicalScan): Traces =>
  new Map(read.map(({ id, index }) => [id, { operatorId, column: table.columns[index]!.name }]));

/** The column of a scan that an expression is; integers of another width are the same values. */
export const traceOf = (traces: Traces, expression: Expression): SplitKey | undefined => {
  if (expression.kind === "column") return traces.get(expression.id);
  if (expression.kind !== "cast" || !isInteger(expression.type) || !isInteger(expression.arg.type)) return undefined;
  return traceOf(traces, expression.arg);
};

/** As seen above a projection. */
export const projectedTraces = (traces: Traces, projections: readonly Projection[]): Traces => {
  const above = new Map<ColumnId, SplitKey>();
  for (const { id, expression } of projections) {
    const trace = traceOf(traces, expression);
    if (trace !== undefined) above.set(id, trace);
  }
  return above;
};

/** After a join: of the sides whose rows are never padded with NULLs. */
export const joinedTraces = (kind: PhysicalJoinKind, build: Traces, probe: Traces): Traces => {
  switch (kind) {
    case "inner":
      return new Map([...probe, ...build]);
    case "probeOuter":
    case "probeSemi":
    case "probeAnti":
    case "mark":
    case "single":
      return probe;
    case "buildOuter":
    case "buildSemi":
    case "buildAnti":
      return build;
    case "full":
      return NO_TRACES;
  }
};

export const isSameKey = (a: SplitKey, b: SplitKey): boolean => a.operatorId === b.operatorId && a.column === b.column;
