import type { AggregateColumn, Projection, SortKey } from "./aggregate.ts";
import type { Column, ColumnId, Expression } from "./expression.ts";
import type { ScanColumn } from "./logical-plan.ts";
import type { Table } from "./table.ts";

/** What every operator carries: its identity in EXPLAIN ANALYZE, its output, and the planner's guess. */
interface Operator {
  /** Unique in the plan, dense from 0. */
  readonly operatorId: number;
  readonly columns: readonly Column[];
  readonly estimatedRows: number;
}

/**
 * What the executor runs: a tree whose operators name their algorithm. Column ids are the logical plan's.
 * Rows have no order unless a `sort` or `topN` made one; `project`, `limit` and the result keep it.
 */
export type PhysicalPlan =
  | PhysicalScan
  | PhysicalValues
  | PhysicalSeries
  | PhysicalFilter
  | PhysicalProject
  | PhysicalHashJoin
  | PhysicalAggregate
  | PhysicalSort
  | PhysicalTopN
  | PhysicalLimit
  | PhysicalUnionAll
  | PhysicalWith
  | PhysicalCteScan
  | PhysicalRepeat;

/**
 * Reads columns of a table. `filters` are conjuncts over `read`, cheapest and most selective first; the scan
 * also prunes row groups and pages with them. `read` is what filters or output need, `columns` the output alone.
 */
export interface PhysicalScan extends Operator {
  readonly kind: "scan";
  readonly table: Table;
  readonly alias: string;
  readonly read: readonly ScanColumn[];
  readonly filters: readonly Expression[];
  /** Of all the table's files `table` has those alone whose paths do not say that a filter is TRUE for none of their rows; absent: all. */
  readonly files?: { readonly kept: number; readonly all: number };
}

/** Rows of constants (`constant` expressions only). */
export interface PhysicalValues extends Operator {
  readonly kind: "values";
  readonly rows: readonly (readonly Expression[])[];
}

/** `start`, `start + step`, … : `count` rows of one column of type int64, in order. */
export interface PhysicalSeries extends Operator {
  readonly kind: "series";
  readonly start: bigint;
  readonly step: bigint;
  readonly count: number;
}

export interface PhysicalFilter extends Operator {
  readonly kind: "filter";
  readonly input: PhysicalPlan;
  readonly predicate: Expression;
}

export interface PhysicalProject extends Operator {
  readonly kind: "project";
  readonly input: PhysicalPlan;
  readonly projections: readonly Projection[];
}

/**
 * Who survives, seen from the probe side:
 * inner; probeOuter (probe rows preserved), buildOuter (build rows preserved), full;
 * probeSemi, probeAnti: probe rows with / without a match; buildSemi, buildAnti: build rows with / without a match;
 * mark: probe rows and the mark; single: probeOuter, but a second match is an error.
 */
export type PhysicalJoinKind =
  | "inner"
  | "probeOuter"
  | "buildOuter"
  | "full"
  | "probeSemi"
  | "probeAnti"
  | "buildSemi"
  | "buildAnti"
  | "mark"
  | "single";

/** `build = probe`; with `nullSafe`, NULL equals NULL (IS NOT DISTINCT FROM). Both sides have one type. */
export interface JoinKey {
  readonly build: Expression;
  readonly probe: Expression;
  readonly nullSafe: boolean;
}

/**
 * Hash join on `keys`, then `residual` (TRUE for none) over columns of both sides. No keys: every pair is tried.
 * mark with exactly one key, not nullSafe, and no residual is null-aware in full (NOT IN); otherwise keys of a mark join
 * are nullSafe or not nullable, and whatever may be NULL is in the residual, evaluated in three-valued logic.
 */
export interface PhysicalHashJoin extends Operator {
  readonly kind: "hashJoin";
  readonly joinKind: PhysicalJoinKind;
  readonly build: PhysicalPlan;
  readonly probe: PhysicalPlan;
  readonly keys: readonly JoinKey[];
  readonly residual: Expression;
  readonly mark: Column | undefined;
}

export interface PhysicalAggregate extends Operator {
  readonly kind: "aggregate";
  readonly input: PhysicalPlan;
  readonly groups: readonly Projection[];
  /** None is `distinct`. */
  readonly aggregates: readonly AggregateColumn[];
}

export interface PhysicalSort extends Operator {
  readonly kind: "sort";
  readonly input: PhysicalPlan;
  readonly keys: readonly SortKey[];
  /** The input is a scan of a stream whose runs are in this order already, each by itself: they are merged. Keys are columns. */
  readonly inRuns?: boolean;
}

/** The first `limit` rows after `offset` in key order. */
export interface PhysicalTopN extends Operator {
  readonly kind: "topN";
  readonly input: PhysicalPlan;
  readonly keys: readonly SortKey[];
  readonly limit: number;
  readonly offset: number;
  /** As `PhysicalSort` has it. */
  readonly inRuns?: boolean;
}

export interface PhysicalLimit extends Operator {
  readonly kind: "limit";
  readonly input: PhysicalPlan;
  readonly limit: number | undefined;
  readonly offset: number;
}

/** Column i of the output is `inputColumns[k][i]` of input k. */
export interface PhysicalUnionAll extends Operator {
  readonly kind: "unionAll";
  readonly inputs: readonly PhysicalPlan[];
  readonly inputColumns: readonly (readonly ColumnId[])[];
}

export interface PhysicalWith extends Operator {
  readonly kind: "with";
  readonly cteId: number;
  readonly name: string;
  readonly definition: PhysicalPlan;
  readonly body: PhysicalPlan;
}

export interface PhysicalCteScan extends Operator {
  readonly kind: "cteScan";
  readonly cteId: number;
  readonly name: string;
  /** For each of `columns`, the definition's column. */
  readonly sources: readonly ColumnId[];
}

export interface PhysicalRepeat extends Operator {
  readonly kind: "repeat";
  readonly input: PhysicalPlan;
  readonly count: Expression;
}

/** The inputs of a physical operator in the order they print: a hash join's probe side, then its build side. */
export const physicalInputs = (plan: PhysicalPlan): readonly PhysicalPlan[] => {
  switch (plan.kind) {
    case "scan":
    case "values":
    case "series":
    case "cteScan":
      return [];
    case "filter":
    case "project":
    case "aggregate":
    case "sort":
    case "topN":
    case "limit":
    case "repeat":
      return [plan.input];
    case "hashJoin":
      return [plan.probe, plan.build];
    case "unionAll":
      return plan.inputs;
    case "with":
      return [plan.definition, plan.body];
  }
};
