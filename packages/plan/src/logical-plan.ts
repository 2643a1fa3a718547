import type { AggregateColumn, Projection, SortKey } from "./aggregate.ts";
import type { Column, ColumnId, Expression } from "./expression.ts";
import type { Table } from "./table.ts";

/** `left` is preserved by "left", `right` by "right", both by "full". */
export type JoinKind = "inner" | "left" | "right" | "full" | "semi" | "anti" | "mark" | "single";

/**
 * The relational algebra between binding and physical planning. Every node's output is `outputColumns(node)`; ids are
 * unique in the query, so nodes can move without renumbering. There is no subquery expression: the binder puts a
 * dependent join (mark, single) below the operator that uses the subquery and refers to the column it makes; until the
 * unnesting rule has run, the right side of a dependent join may refer to columns of its left side.
 */
export type LogicalPlan =
  | LogicalScan
  | LogicalValues
  | LogicalSeries
  | LogicalFilter
  | LogicalProject
  | LogicalJoin
  | LogicalAggregate
  | LogicalSort
  | LogicalLimit
  | LogicalSetOperation
  | LogicalWith
  | LogicalCteScan
  | LogicalRepeat;

export interface ScanColumn extends Column {
  /** Index into `table.columns`. */
  readonly index: number;
}

export interface LogicalScan {
  readonly kind: "scan";
  readonly table: Table;
  /** The name expressions know it by, for printing. */
  readonly alias: string;
  /** Only these are read. May be empty: then rows are only counted. */
  readonly columns: readonly ScanColumn[];
  /** Conjuncts pushed into the scan. */
  readonly filters: readonly Expression[];
}

/** Rows of constants. One row and no columns is the input of `SELECT 1`. */
export interface LogicalValues {
  readonly kind: "values";
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Expression[])[];
}

/** `start`, `start + step`, … : `count` rows of one column of type int64, in order. At least one; the last is a 64-bit integer too. */
export interface LogicalSeries {
  readonly kind: "series";
  readonly columns: readonly [Column];
  readonly start: bigint;
  readonly step: bigint;
  readonly count: number;
}

export interface LogicalFilter {
  readonly kind: "filter";
  readonly input: LogicalPlan;
  readonly predicate: Expression;
}

/** Exactly these columns come out; a passed-through column keeps its id when its expression is that column. */
export interface LogicalProject {
  readonly kind: "project";
  readonly input: LogicalPlan;
  readonly projections: readonly Projection[];
}

/**
 * inner, left, right, full: columns of both sides (the padded side becomes nullable). semi, anti: left's columns.
 * mark: left's columns and `mark`, a boolean in three-valued logic: TRUE if some right row makes the condition TRUE,
 * else NULL if some makes it NULL, else FALSE. single: as left, but a second match is an error (scalar subqueries).
 */
export interface LogicalJoin {
  readonly kind: "join";
  readonly joinKind: JoinKind;
  readonly left: LogicalPlan;
  readonly right: LogicalPlan;
  /** TRUE for a cross join. */
  readonly condition: Expression;
  readonly mark: Column | undefined;
  /** The right side may refer to columns of the left (LATERAL, correlated subqueries); gone after unnesting. */
  readonly dependent: boolean;
}

/** Groups by the (null-safe) values of `groups`; no groups: exactly one row. DISTINCT is one without aggregates. */
export interface LogicalAggregate {
  readonly kind: "aggregate";
  readonly input: LogicalPlan;
  readonly groups: readonly Projection[];
  readonly aggregates: readonly AggregateColumn[];
}

export interface LogicalSort {
  readonly kind: "sort";
  readonly input: LogicalPlan;
  readonly keys: readonly SortKey[];
}

export interface LogicalLimit {
  readonly kind: "limit";
  readonly input: LogicalPlan;
  /** Undefined: no limit, only an offset. */
  readonly limit: number | undefined;
  readonly offset: number;
}

/** Output `columns` have fresh ids, matched to both inputs' columns by position; types are equal already. */
export interface LogicalSetOperation {
  readonly kind: "setOperation";
  readonly op: "union" | "intersect" | "except";
  /** False: duplicates are removed. */
  readonly all: boolean;
  readonly left: LogicalPlan;
  readonly right: LogicalPlan;
  readonly columns: readonly Column[];
}

/** Computes `definition` once; `cteScan`s in `body` with the same `cteId` read it. */
export interface LogicalWith {
  readonly kind: "with";
  readonly cteId: number;
  readonly name: string;
  readonly definition: LogicalPlan;
  readonly body: LogicalPlan;
}

export interface LogicalCteScan {
  readonly kind: "cteScan";
  readonly cteId: number;
  readonly name: string;
  /** Fresh ids for this reference; `source` is the definition's column. */
  readonly columns: readonly (Column & { readonly source: ColumnId })[];
}

/** Emits each row `count` times (INTERSECT ALL, EXCEPT ALL); a count below one drops the row. */
export interface LogicalRepeat {
  readonly kind: "repeat";
  readonly input: LogicalPlan;
  readonly count: Expression;
}

const nullable = (columns: readonly Column[]): readonly Column[] =>
  columns.map((column) => (column.nullable ? column : { ...column, nullable: true }));

const projected = (projection: Projection): Column => ({
  id: projection.id,
  name: projection.name,
  type: projection.expression.type,
  nullable: projection.expression.nullable,
});

/** The columns a node produces, in order. */
export const outputColumns = (plan: LogicalPlan): readonly Column[] => {
  switch (plan.kind) {
    case "scan":
    case "values":
    case "series":
    case "setOperation":
    case "cteScan":
      return plan.columns;
    case "filter":
    case "sort":
    case "limit":
    case "repeat":
      return outputColumns(plan.input);
    case "project":
      return plan.projections.map(projected);
    case "aggregate":
      return [
        ...plan.groups.map(projected),
        ...plan.aggregates.map(({ id, name, call }) => ({ id, name, type: call.type, nullable: call.nullable })),
      ];
    case "with":
      return outputColumns(plan.body);
    case "join":
      return joinColumns(plan);
  }
};

const joinColumns = (plan: LogicalJoin): readonly Column[] => {
  const left = outputColumns(plan.left);
  switch (plan.joinKind) {
    case "semi":
    case "anti":
      return left;
    case "mark":
      return [...left, plan.mark!];
    case "inner":
      return [...left, ...outputColumns(plan.right)];
    case "left":
    case "single":
      return [...left, ...nullable(outputColumns(plan.right))];
    case "right":
      return [...nullable(left), ...outputColumns(plan.right)];
    case "full":
      return [...nullable(left), ...nullable(outputColumns(plan.right))];
  }
};
