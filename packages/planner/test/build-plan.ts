import {
  type AggregateCall,
  type AggregateName,
  and,
  boolean,
  type ColumnStatistics,
  type CompareOp,
  columnRef,
  compare,
  constant,
  type DataType,
  type Expression,
  hugeint,
  int32,
  int64,
  type JoinKind,
  type LogicalAggregate,
  type LogicalCteScan,
  type LogicalJoin,
  type LogicalPlan,
  type LogicalProject,
  type LogicalScan,
  type LogicalValues,
  outputColumns,
  type SortKey,
  type Table,
  TRUE,
} from "@headcut/plan";
import type { IdSource } from "../src/traverse/renumber.ts";

/** Writes logical plans by hand, for tests: every builder draws fresh ids from `ids`. */
export interface PlanBuilder {
  readonly ids: IdSource;
  scan(table: Table, alias?: string): LogicalScan;
  values(columns: readonly (readonly [string, DataType])[], rows: readonly (readonly Expression[])[]): LogicalValues;
  /** Exactly the given columns (passed through) and computed ones. */
  project(input: LogicalPlan, items: Readonly<Record<string, Expression>>): LogicalProject;
  aggregate(
    input: LogicalPlan,
    groups: readonly Expression[],
    aggregates: Readonly<Record<string, AggregateCall>>,
  ): LogicalAggregate;
  mark(left: LogicalPlan, right: LogicalPlan, condition: Expression, nullable?: boolean): LogicalJoin;
  setOperation(op: "union" | "intersect" | "except", all: boolean, left: LogicalPlan, right: LogicalPlan): LogicalPlan;
  with(definition: LogicalPlan, body: (scan: () => LogicalCteScan) => LogicalPlan): LogicalPlan;
}

export const planBuilder = (): PlanBuilder => {
  let last = 0;
  const ids: IdSource = { next: () => last++ };
  return {
    ids,
    scan: (table, alias = table.name) => ({
      kind: "scan",
      table,
      alias,
      columns: table.columns.map(({ name, type, nullable }, index) => ({
        id: ids.next(),
        name,
        type,
        nullable,
        index,
      })),
      filters: [],
    }),
    values: (columns, rows) => ({
      kind: "values",
      columns: columns.map(([name, type], i) => ({
        id: ids.next(),
        name,
        type,
        nullable: rows.some((row) => row[i]!.nullable),
      })),
      rows,
    }),
    project: (input, items) => ({
      kind: "project",
      input,
      projections: Object.entries(items).map(([name, expression]) => ({
        id: expression.kind === "column" ? expression.id : ids.next(),
        name,
        expression,
      })),
    }),
    aggregate: (input, groups, aggregates) => ({
      kind: "aggregate",
      input,
      groups: groups.map((expression, i) =>
        expression.kind === "column"
          ? { id: expression.id, name: expression.name, expression }
          : { id: ids.next(), name: `group${i}`, expression },
      ),
      aggregates: Object.entries(aggregates).map(([name, call]) => ({ id: ids.next(), name, call })),
    }),
    mark: (left, right, condition, nullable = condition.nullable) => ({
      kind: "join",
      joinKind: "mark",
      left,
      right,
      condition,
      mark: { id: ids.next(), name: "mark", type: boolean, nullable },
      dependent: true,
    }),
    setOperation: (op, all, left, right) => ({
      kind: "setOperation",
      op,
      all,
      left,
      right,
      columns: outputColumns(left).map((column) => ({ ...column, id: ids.next() })),
    }),
    with: (definition, body) => {
      const cteId = ids.next();
      const scan = (): LogicalCteScan => ({
        kind: "cteScan",
        cteId,
        name: "cte",
        columns: outputColumns(definition).map((column) => ({ ...column, id: ids.next(), source: column.id })),
      });
      return { kind: "with", cteId, name: "cte", definition, body: body(scan) };
    },
  };
};

/** A table whose columns are `name type` pairs; a type followed by `?` is nullable. */
export const table = (
  name: string,
  rowCount: number,
  columns: Readonly<Record<string, { type: DataType; nullable?: boolean; statistics?: ColumnStatistics }>>,
): Table => ({
  name,
  rowCount,
  source: { kind: "memory", tableId: 0 },
  columns: Object.entries(columns).map(([column, { type, nullable = false, statistics }]) => ({
    name: column,
    type,
    nullable,
    ...(statistics === undefined ? {} : { statistics }),
  })),
});

/** The column of that name in the plan's output. */
export const col = (plan: LogicalPlan, name: string): Expression => {
  const column = outputColumns(plan).find((item) => item.name === name);
  if (column === undefined) throw new Error(`no column ${name} in ${outputColumns(plan).map((item) => item.name)}`);
  return columnRef(column);
};

export const int = (value: number): Expression => constant(int32, value);
export const eq = (left: Expression, right: Expression): Expression => compare("eq", left, right);
export const cmp = (op: CompareOp, left: Expression, right: Expression): Expression => compare(op, left, right);

export const filter = (input: LogicalPlan, ...predicates: readonly Expression[]): LogicalPlan => ({
  kind: "filter",
  input,
  predicate: and(...predicates),
});

export const join = (
  joinKind: Exclude<JoinKind, "mark">,
  left: LogicalPlan,
  right: LogicalPlan,
  condition: Expression = TRUE,
  dependent = false,
): LogicalJoin => ({ kind: "join", joinKind, left, right, condition, mark: undefined, dependent });

export const sort = (input: LogicalPlan, ...keys: readonly Expression[]): LogicalPlan => ({
  kind: "sort",
  input,
  keys: keys.map((expression): SortKey => ({ expression, descending: false, nullsFirst: false })),
});

export const limit = (input: LogicalPlan, count: number | undefined, offset = 0): LogicalPlan => ({
  kind: "limit",
  input,
  limit: count,
  offset,
});

export const call = (name: AggregateName, arg?: Expression, options: Partial<AggregateCall> = {}): AggregateCall => ({
  name,
  args: arg === undefined ? [] : [arg],
  filter: undefined,
  distinct: false,
  orderBy: [],
  type: name.startsWith("count") ? int64 : name === "sum" ? hugeint : arg!.type,
  nullable: !name.startsWith("count"),
  ...options,
});
