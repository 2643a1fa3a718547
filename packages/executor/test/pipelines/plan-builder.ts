import {
  type AggregateCall,
  type AggregateName,
  type Column,
  columnRef,
  type DataType,
  type Expression,
  type JoinKey,
  type PhysicalJoinKind,
  type PhysicalPlan,
  type Projection,
  type SortKey,
  type Table,
  TRUE,
  type Value,
} from "@headcut/plan";

export interface TestTable {
  readonly table: Table;
  /** By column, then row. */
  readonly values: readonly (readonly Value[])[];
}

export type Columns = Readonly<Record<string, readonly [type: DataType, values: readonly Value[], nullable?: boolean]>>;

/** A table in the test's memory; a column is nullable if a value is NULL or it says so. */
export const testTable = (name: string, columns: Columns): TestTable => {
  const entries = Object.entries(columns);
  return {
    table: {
      name,
      rowCount: entries[0]?.[1][1].length ?? 0,
      source: { kind: "memory", tableId: 0 },
      columns: entries.map(([column, [type, values, nullable]]) => ({
        name: column,
        type,
        nullable: nullable ?? values.includes(null),
      })),
    },
    values: entries.map(([, [, values]]) => values),
  };
};

let nextId = 1;
let nextOperator = 0;

const operator = (columns: readonly Column[]) => ({ operatorId: nextOperator++ % 100, columns, estimatedRows: 1 });

/** A reference to the plan's column of that name. */
export const col = (plan: PhysicalPlan, name: string): Expression => {
  const found = plan.columns.find((column) => column.name === name);
  if (found === undefined) throw new Error(`no column ${name} among ${plan.columns.map((column) => column.name)}`);
  return columnRef(found);
};

export const scan = ({ table }: TestTable, filters?: (plan: PhysicalPlan) => readonly Expression[]): PhysicalPlan => {
  const read = table.columns.map(({ name, type, nullable }, index) => ({ id: nextId++, name, type, nullable, index }));
  const bare: PhysicalPlan = { kind: "scan", table, alias: table.name, read, filters: [], ...operator(read) };
  return filters === undefined ? bare : { ...bare, filters: filters(bare) };
};

export const filter = (input: PhysicalPlan, predicate: Expression): PhysicalPlan => ({
  kind: "filter",
  input,
  predicate,
  ...operator(input.columns),
});

const projections = (items: Readonly<Record<string, Expression>>): Projection[] =>
  Object.entries(items).map(([name, expression]) => ({ id: nextId++, name, expression }));

const columnOf = ({ id, name, expression }: Projection): Column => ({
  id,
  name,
  type: expression.type,
  nullable: expression.nullable,
});

export const project = (input: PhysicalPlan, items: Readonly<Record<string, Expression>>): PhysicalPlan => {
  const list = projections(items);
  return { kind: "project", input, projections: list, ...operator(list.map(columnOf)) };
};

export const call = (
  name: AggregateName,
  type: DataType,
  args: readonly Expression[],
  more: Partial<AggregateCall> = {},
): AggregateCall => ({
  name,
  args,
  filter: undefined,
  distinct: false,
  orderBy: [],
  type,
  nullable: name !== "count" && name !== "countStar",
  ...more,
});

export const aggregate = (
  input: PhysicalPlan,
  groups: Readonly<Record<string, Expression>>,
  calls: Readonly<Record<string, AggregateCall>>,
): PhysicalPlan => {
  const keys = projections(groups);
  const aggregates = Object.entries(calls).map(([name, one]) => ({ id: nextId++, name, call: one }));
  return {
    kind: "aggregate",
    input,
    groups: keys,
    aggregates,
    ...operator([
      ...keys.map(columnOf),
      ...aggregates.map(({ id, name, call: { type, nullable } }) => ({ id, name, type, nullable })),
    ]),
  };
};

const padded = (columns: readonly Column[]): Column[] => columns.map((column) => ({ ...column, nullable: true }));

export const join = (
  joinKind: PhysicalJoinKind,
  build: PhysicalPlan,
  probe: PhysicalPlan,
  keys: readonly JoinKey[],
  options: { residual?: Expression; mark?: { name: string; nullable: boolean } } = {},
): PhysicalPlan => {
  const mark: Column | undefined =
    options.mark === undefined ? undefined : { id: nextId++, type: { kind: "boolean" }, ...options.mark };
  const columns: Record<PhysicalJoinKind, () => readonly Column[]> = {
    inner: () => [...probe.columns, ...build.columns],
    probeOuter: () => [...probe.columns, ...padded(build.columns)],
    buildOuter: () => [...padded(probe.columns), ...build.columns],
    full: () => [...padded(probe.columns), ...padded(build.columns)],
    probeSemi: () => probe.columns,
    probeAnti: () => probe.columns,
    buildSemi: () => build.columns,
    buildAnti: () => build.columns,
    mark: () => [...probe.columns, mark!],
    single: () => [...probe.columns, ...padded(build.columns)],
  };
  return {
    kind: "hashJoin",
    joinKind,
    build,
    probe,
    keys,
    residual: options.residual ?? TRUE,
    mark,
    ...operator(columns[joinKind]()),
  };
};

export const sort = (input: PhysicalPlan, keys: readonly SortKey[]): PhysicalPlan => ({
  kind: "sort",
  input,
  keys,
  ...operator(input.columns),
});

export const topN = (input: PhysicalPlan, keys: readonly SortKey[], limit: number, offset = 0): PhysicalPlan => ({
  kind: "topN",
  input,
  keys,
  limit,
  offset,
  ...operator(input.columns),
});

export const limit = (input: PhysicalPlan, count: number | undefined, offset = 0): PhysicalPlan => ({
  kind: "limit",
  input,
  limit: count,
  offset,
  ...operator(input.columns),
});

export const unionAll = (...inputs: readonly PhysicalPlan[]): PhysicalPlan => ({
  kind: "unionAll",
  inputs,
  inputColumns: inputs.map(({ columns }) => columns.map(({ id }) => id)),
  ...operator(
    inputs[0]!.columns.map((column, i) => ({
      ...column,
      id: nextId++,
      nullable: inputs.some(({ columns }) => columns[i]!.nullable),
    })),
  ),
});

export const values = (
  columns: readonly (readonly [string, DataType, boolean])[],
  rows: readonly (readonly Value[])[],
): PhysicalPlan => ({
  kind: "values",
  rows: rows.map((row) =>
    row.map((value, i) => ({ kind: "constant", type: columns[i]![1], value, nullable: value === null })),
  ),
  ...operator(columns.map(([name, type, nullable]) => ({ id: nextId++, name, type, nullable }))),
});

let nextCte = 0;

/** `body` gets a function that makes one more reading of the definition. */
export const withCte = (definition: PhysicalPlan, body: (read: () => PhysicalPlan) => PhysicalPlan): PhysicalPlan => {
  const cteId = nextCte++;
  const plan = body(() => ({
    kind: "cteScan",
    cteId,
    name: "cte",
    sources: definition.columns.map(({ id }) => id),
    ...operator(definition.columns.map((column) => ({ ...column, id: nextId++ }))),
  }));
  return { kind: "with", cteId, name: "cte", definition, body: plan, ...operator(plan.columns) };
};

export const repeat = (input: PhysicalPlan, count: Expression): PhysicalPlan => ({
  kind: "repeat",
  input,
  count,
  ...operator(input.columns),
});
