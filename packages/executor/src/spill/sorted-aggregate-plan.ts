import {
  type AggregateCall,
  type AggregateColumn,
  and,
  type Column,
  type ColumnId,
  columnRef,
  constant,
  type DataType,
  type Expression,
  hugeint,
  int64,
  isNull,
  not,
  type PhysicalAggregate,
  type PhysicalCteScan,
  type PhysicalFilter,
  type PhysicalPlan,
  type PhysicalUnionAll,
  type Projection,
  TRUE,
  varchar,
} from "@headcut/plan";
import { collected } from "../pipelines/operators/aggregate/collect.ts";

/** Of rows in order: the columns of a row before each group's, and of the others. */
export interface CollectedRows {
  readonly call: AggregateCall;
  /** Number of the group's values, and the bytes of their strings: of the row before them; NULL in the others. */
  readonly count: ColumnId;
  readonly bytes: ColumnId;
  readonly value: ColumnId;
}

/** The plan in the aggregation's place, and which of its filters stand for rows of groups in order that become those or that of the groups' results. */
export interface SortedAggregatePlan {
  readonly plan: PhysicalPlan;
  readonly collecting: ReadonlyMap<PhysicalPlan, CollectedRows>;
}

export const keepsAllValues = ({ name }: AggregateCall): boolean => name === "median" || name === "stringAgg";

interface Ids {
  readonly column: () => ColumnId;
  readonly cte: () => number;
  /** Of all operators that are made here. */
  readonly operatorId: number;
}

/**
 * An aggregation whose groups have too many values to be kept, by sorting them on disk. Its input is read several times:
 *
 *     with input: aggregate by the groups: the other aggregates, and the number of values
 *       with base: for each that keeps values: union all of base's rows and the values, sorted by group, base's row first: the middle values, or all of them as one string
 *         aggregate by the groups: the one row of base and the few others
 */
export const planSortedAggregate = (plan: PhysicalAggregate, ids: Ids): SortedAggregatePlan => {
  const { operatorId } = ids;
  const fresh = (name: string, type: DataType, nullable = true): Column => ({ id: ids.column(), name, type, nullable });
  const collecting = new Map<PhysicalPlan, CollectedRows>();
  const inputCte = ids.cte();
  const baseCte = ids.cte();
  const scanOf = (cteId: number, columns: readonly Column[], estimatedRows: number): PhysicalCteScan => ({
    kind: "cteScan",
    operatorId,
    columns,
    estimatedRows,
    cteId,
    name: "aggregate",
    sources: columns.map(({ id }) => id),
  });
  const project = (input: PhysicalPlan, outputs: readonly (readonly [Column, Expression])[]): PhysicalPlan => ({
    kind: "project",
    operatorId,
    columns: outputs.map(([column]) => column),
    estimatedRows: input.estimatedRows,
    input,
    projections: outputs.map(([{ id, name }, expression]): Projection => ({ id, name, expression })),
  });
  const unionAll = (columns: readonly Column[], inputs: readonly PhysicalPlan[]): PhysicalUnionAll => ({
    kind: "unionAll",
    operatorId,
    columns,
    estimatedRows: inputs.reduce((sum, { estimatedRows }) => sum + estimatedRows, 0),
    inputs,
    inputColumns: inputs.map((input) => input.columns.map(({ id }) => id)),
  });
  const filter = (input: PhysicalPlan, predicate: Expression): PhysicalFilter => ({
    kind: "filter",
    operatorId,
    columns: input.columns,
    estimatedRows: input.estimatedRows,
    input,
    predicate,
  });
  const nothing = (type: DataType): Expression => constant(type, null);

  const input = scanOf(inputCte, plan.input.columns, plan.input.estimatedRows);
  const groupColumns = plan.groups.map(({ expression, name }) => fresh(name, expression.type, expression.nullable));
  const plain = plan.aggregates.filter(({ call }) => !keepsAllValues(call));
  const keeping = plan.aggregates.filter(({ call }) => keepsAllValues(call));
  const plainColumns = plain.map(({ name, call }) => fresh(name, call.type, call.nullable));
  const parts = keeping.map((aggregate) => ({
    aggregate,
    value: collected(aggregate.call)[0]!,
    count: fresh("count", int64, false),
    bytes: fresh("bytes", hugeint),
  }));

  const baseColumns = [...groupColumns, ...plainColumns, ...parts.flatMap(({ count, bytes }) => [count, bytes])];
  const base: PhysicalAggregate = {
    kind: "aggregate",
    operatorId,
    columns: baseColumns,
    estimatedRows: plan.estimatedRows,
    input,
    groups: plan.groups.map(({ expression, name }, i) => ({ id: groupColumns[i]!.id, name, expression })),
    aggregates: [
      ...plain.map(({ name, call }, i): AggregateColumn => ({ id: plainColumns[i]!.id, name, call })),
      ...parts.flatMap(({ aggregate: { call }, value, count, bytes }): AggregateColumn[] => [
        { id: count.id, name: count.name, call: callOf("count", value, call.filter, int64, false) },
        { id: bytes.id, name: bytes.name, call: callOf("sum", bytesOf(value), call.filter, hugeint, true) },
      ]),
    ],
  };
  const baseRows = (): PhysicalCteScan => scanOf(baseCte, baseColumns, plan.estimatedRows);

  const branches = parts.map(({ aggregate: { call }, value, count, bytes }) => {
    const orders = call.name === "median" ? [value] : call.orderBy.map(({ expression }) => expression);
    const columns = [
      ...groupColumns.map(({ name, type, nullable }) => fresh(name, type, nullable)),
      fresh("count", int64),
      fresh("bytes", hugeint),
      fresh("value", value.type),
      ...orders.map(({ type }) => fresh("order", type)),
    ];
    const [groups, [counted, bytesColumn, valueColumn], keys] = [
      columns.slice(0, groupColumns.length),
      columns.slice(groupColumns.length, groupColumns.length + 3) as [Column, Column, Column],
      columns.slice(groupColumns.length + 3),
    ];
    const again = (): Column[] => columns.map(({ name, type, nullable }) => fresh(name, type, nullable));
    const rowOf = (expressions: readonly Expression[]): (readonly [Column, Expression])[] =>
      again().map((column, i) => [column, expressions[i]!]);
    const before = project(
      baseRows(),
      rowOf([
        ...groupColumns.map(columnRef),
        columnRef(count),
        columnRef(bytes),
        nothing(value.type),
        ...orders.map(({ type }) => nothing(type)),
      ]),
    );
    const values = project(
      filter(
        input,
        and(...(call.filter === undefined ? [] : [call.filter]), value.nullable ? not(isNull(value)) : TRUE),
      ),
      rowOf([...plan.groups.map(({ expression }) => expression), nothing(int64), nothing(hugeint), value, ...orders]),
    );
    const union = unionAll(columns, [before, values]);
    const ascending = (column: Column) => ({ expression: columnRef(column), descending: false, nullsFirst: false });
    const sorted: PhysicalPlan = {
      kind: "sort",
      operatorId,
      columns,
      estimatedRows: union.estimatedRows,
      input: union,
      keys: [
        ...groups.map(ascending),
        ascending(counted),
        ...keys.map((column, i) =>
          call.name === "median" ? ascending(column) : { ...call.orderBy[i]!, expression: columnRef(column) },
        ),
      ],
    };
    const rows = filter(sorted, TRUE);
    collecting.set(rows, { call, count: counted.id, bytes: bytesColumn.id, value: valueColumn.id });
    return { rows, groups, value: valueColumn };
  });

  const unionColumns = [
    ...groupColumns.map(({ name, type, nullable }) => fresh(name, type, nullable)),
    ...plainColumns.map(({ name, type }) => fresh(name, type)),
    ...parts.map(({ value }) => fresh("value", value.type)),
  ];
  const row = (expressions: readonly (Expression | undefined)[]): (readonly [Column, Expression])[] =>
    unionColumns.map(({ name, type, nullable }, i) => [fresh(name, type, nullable), expressions[i] ?? nothing(type)]);
  const everything = unionAll(unionColumns, [
    project(baseRows(), row([...groupColumns, ...plainColumns].map(columnRef))),
    ...branches.map(({ rows, groups, value }, i) => {
      const expressions: (Expression | undefined)[] = groups.map(columnRef);
      expressions[groups.length + plain.length + i] = columnRef(value);
      return project(rows, row(expressions));
    }),
  ]);
  const [plainFrom, keptFrom] = [plan.groups.length, plan.groups.length + plain.length];
  const last: PhysicalAggregate = {
    kind: "aggregate",
    operatorId,
    columns: plan.columns,
    estimatedRows: plan.estimatedRows,
    input: everything,
    groups: plan.groups.map(({ id, name }, i) => ({ id, name, expression: columnRef(unionColumns[i]!) })),
    aggregates: plan.aggregates.map((aggregate): AggregateColumn => {
      const { id, name, call } = aggregate;
      const kept = keeping.indexOf(aggregate);
      if (kept < 0) {
        const value = columnRef(unionColumns[plainFrom + plain.indexOf(aggregate)]!);
        return { id, name, call: callOf("anyValue", value, undefined, call.type, call.nullable) };
      }
      const value = columnRef(unionColumns[keptFrom + kept]!);
      if (call.name === "stringAgg")
        return { id, name, call: callOf("anyValue", value, undefined, call.type, call.nullable) };
      return { id, name, call: { ...call, args: [value], filter: undefined } };
    }),
  };
  const common = { columns: plan.columns, estimatedRows: plan.estimatedRows, name: "aggregate" } as const;
  return {
    plan: {
      ...common,
      kind: "with",
      operatorId: plan.operatorId,
      cteId: inputCte,
      definition: plan.input,
      body: { ...common, kind: "with", operatorId, cteId: baseCte, definition: base, body: last },
    },
    collecting,
  };
};

const callOf = (
  name: AggregateCall["name"],
  arg: Expression,
  filter: Expression | undefined,
  type: DataType,
  nullable: boolean,
): AggregateCall => ({ name, args: [arg], filter, distinct: false, orderBy: [], type, nullable });

/** Of a text; of any other value none are asked for. */
const bytesOf = (value: Expression): Expression =>
  value.type.kind === varchar.kind
    ? { kind: "call", name: "strlen", args: [value], type: int64, nullable: value.nullable }
    : constant(int64, 0n);
