import {
  assert,
  type Column,
  type ColumnId,
  columnRef,
  type Expression,
  type LogicalAggregate,
  type LogicalJoin,
  type LogicalPlan,
  type LogicalScan,
  type LogicalSetOperation,
  type LogicalSort,
  type PhysicalPlan,
  QueryError,
} from "@headcut/plan";
import type { Estimator } from "../statistics/estimator.ts";
import { freeColumns } from "../traverse/expression.ts";
import { columnsOf, idsOf, visitExpressions } from "../traverse/plan.ts";
import { chooseSides } from "./build-side.ts";
import { orderFilters } from "./filter-order.ts";
import { splitCondition } from "./join-keys.ts";
import { pruneFiles } from "./prune-files.ts";

type Ids = ReadonlySet<ColumnId>;

/**
 * Chooses an algorithm for every operator of an optimized logical plan. Expects what the rules leave: no dependent
 * joins, no DISTINCT aggregates, of the set operations UNION ALL alone. The result's columns are the plan's, in order;
 * below it, operators put out only what is needed above them.
 */
export const toPhysical = (plan: LogicalPlan, estimator: Estimator): PhysicalPlan => {
  estimator.see(plan);
  let operators = 0;
  const next = (): number => operators++;
  const wanted = columnsOf(plan);
  const root = convert(plan, idsOf(plan), { estimator, next, sources: new Map() });
  const inOrder =
    root.columns.length === wanted.length && root.columns.every((column, i) => column.id === wanted[i]!.id);
  if (inOrder) return root;
  return { kind: "project", input: root, projections: wanted.map(passThrough), ...about(root, next(), wanted) };
};

interface Conversion {
  readonly estimator: Estimator;
  readonly next: () => number;
  /** Per CTE, the columns of its definition that its scans read. */
  readonly sources: Map<number, Set<ColumnId>>;
}

/** Without what scans know of it besides. */
const plainColumn = ({ id, name, type, nullable }: Column): Column => ({ id, name, type, nullable });

const passThrough = (column: Column) => ({ id: column.id, name: column.name, expression: columnRef(column) });

const about = (input: PhysicalPlan, operatorId: number, columns: readonly Column[]) => ({
  operatorId,
  columns,
  estimatedRows: input.estimatedRows,
});

const withColumnsOf = (required: Ids, ...expressions: readonly Expression[]): Ids => {
  const all = new Set(required);
  for (const expression of expressions) for (const id of freeColumns(expression)) all.add(id);
  return all;
};

const only = <T extends { readonly id: ColumnId }>(columns: readonly T[], required: Ids): readonly T[] =>
  columns.every((column) => required.has(column.id)) ? columns : columns.filter((column) => required.has(column.id));

/** Converts a plan of which the columns in `required` are used above. */
const convert = (plan: LogicalPlan, required: Ids, context: Conversion): PhysicalPlan => {
  const { estimator, next } = context;
  const estimatedRows = estimator.rows(plan);
  switch (plan.kind) {
    case "scan":
      return convertScan(plan, required, context);
    case "values":
      return convertValues(plan, context);
    case "series": {
      const { kind, columns, start, step, count } = plan;
      return { kind, operatorId: next(), columns, estimatedRows, start, step, count };
    }
    case "filter": {
      const operatorId = next();
      const input = convert(plan.input, withColumnsOf(required, plan.predicate), context);
      const columns = only(input.columns, required);
      return { kind: "filter", operatorId, columns, estimatedRows, input, predicate: plan.predicate };
    }
    case "project": {
      const projections = only(plan.projections, required);
      const passing = projections.every(({ id, expression }) => expression.kind === "column" && expression.id === id);
      // Leaving columns out is what every operator does of its own accord.
      if (passing) return convert(plan.input, new Set(projections.map(({ id }) => id)), context);
      const operatorId = next();
      const input = convert(plan.input, withColumnsOf(new Set(), ...projections.map((p) => p.expression)), context);
      const columns = only(columnsOf(plan), required);
      return { kind: "project", operatorId, columns, estimatedRows, input, projections };
    }
    case "join":
      return convertJoin(plan, required, context);
    case "aggregate":
      return convertAggregate(plan, context);
    case "sort": {
      const operatorId = next();
      const { keys } = plan;
      const input = convert(plan.input, sortNeeds(plan, required), context);
      return { kind: "sort", operatorId, columns: input.columns, estimatedRows, input, keys };
    }
    case "limit": {
      const operatorId = next();
      const { limit, offset } = plan;
      if (plan.input.kind === "sort" && limit !== undefined) {
        const { keys } = plan.input;
        const input = convert(plan.input.input, sortNeeds(plan.input, required), context);
        return { kind: "topN", operatorId, columns: input.columns, estimatedRows, input, keys, limit, offset };
      }
      const input = convert(plan.input, required, context);
      return { kind: "limit", operatorId, columns: input.columns, estimatedRows, input, limit, offset };
    }
    case "setOperation":
      return convertUnionAll(plan, required, context);
    case "with": {
      const operatorId = next();
      const { cteId, name } = plan;
      // The body first: it says which of the definition's columns are read.
      const read = new Set<ColumnId>();
      context.sources.set(cteId, read);
      const body = convert(plan.body, required, context);
      const definition = convert(plan.definition, read, context);
      return { kind: "with", operatorId, columns: body.columns, estimatedRows, cteId, name, definition, body };
    }
    case "cteScan": {
      const { cteId, name } = plan;
      const kept = only(plan.columns, required);
      const columns = kept.map(plainColumn);
      const sources = kept.map((column) => column.source);
      for (const source of sources) context.sources.get(cteId)!.add(source);
      return { kind: "cteScan", operatorId: next(), columns, estimatedRows, cteId, name, sources };
    }
    case "repeat": {
      const operatorId = next();
      const { count } = plan;
      const input = convert(plan.input, withColumnsOf(required, count), context);
      return { kind: "repeat", operatorId, columns: input.columns, estimatedRows, input, count };
    }
  }
};

const sortNeeds = (plan: LogicalSort, required: Ids): Ids =>
  withColumnsOf(required, ...plan.keys.map((key) => key.expression));

const convertScan = (plan: LogicalScan, required: Ids, { estimator, next }: Conversion): PhysicalPlan => {
  const rows = estimator.rows(plan);
  const pruned = pruneFiles(plan, orderFilters(plan, estimator));
  const needed = withColumnsOf(required, ...pruned.filters);
  return {
    kind: "scan",
    operatorId: next(),
    columns: only(plan.columns, required).map(plainColumn),
    estimatedRows: pruned.files === undefined ? rows : Math.min(rows, pruned.table.rowCount),
    alias: plan.alias,
    read: only(plan.columns, needed),
    ...pruned,
  };
};

/** Constant rows stay as they are; rows with something to compute become one projection each. */
const convertValues = (plan: Extract<LogicalPlan, { kind: "values" }>, { next }: Conversion): PhysicalPlan => {
  const { columns, rows } = plan;
  const constant = rows.every((row) => row.every((item) => item.kind === "constant"));
  const estimatedRows = rows.length;
  if (constant) return { kind: "values", operatorId: next(), columns, estimatedRows, rows };
  const projected = (row: (typeof rows)[number]): PhysicalPlan => {
    const operatorId = next();
    const input: PhysicalPlan = { kind: "values", operatorId: next(), columns: [], estimatedRows: 1, rows: [[]] };
    const projections = columns.map((column, i) => ({ id: column.id, name: column.name, expression: row[i]! }));
    return { kind: "project", operatorId, columns, estimatedRows: 1, input, projections };
  };
  if (rows.length === 1) return projected(rows[0]!);
  const operatorId = next();
  const inputs = rows.map(projected);
  const ids = columns.map((column) => column.id);
  return { kind: "unionAll", operatorId, columns, estimatedRows, inputs, inputColumns: inputs.map(() => ids) };
};

const convertJoin = (plan: LogicalJoin, required: Ids, context: Conversion): PhysicalPlan => {
  assert(!plan.dependent, "a dependent join reached physical planning");
  const { estimator, next } = context;
  const operatorId = next();
  const { keys, residual } = splitCondition(plan.condition, plan.joinKind, idsOf(plan.left), idsOf(plan.right));
  const { joinKind, buildIsLeft } = chooseSides(plan.joinKind, estimator.rows(plan.left), estimator.rows(plan.right));
  const needed = withColumnsOf(required, plan.condition);
  const left = convert(plan.left, needed, context);
  const right = convert(plan.right, needed, context);
  return {
    kind: "hashJoin",
    operatorId,
    columns: only(columnsOf(plan), required).map(plainColumn),
    estimatedRows: estimator.rows(plan),
    joinKind,
    build: buildIsLeft ? left : right,
    probe: buildIsLeft ? right : left,
    keys: keys.map((key) => ({
      build: buildIsLeft ? key.left : key.right,
      probe: buildIsLeft ? key.right : key.left,
      nullSafe: key.nullSafe,
    })),
    residual,
    mark: plan.mark,
  };
};

const convertAggregate = (plan: LogicalAggregate, context: Conversion): PhysicalPlan => {
  const operatorId = context.next();
  const { groups, aggregates } = plan;
  for (const { call } of aggregates) assert(!call.distinct, "a DISTINCT aggregate reached physical planning");
  const needed = new Set<ColumnId>();
  visitExpressions(plan, (expression) => {
    for (const id of freeColumns(expression)) needed.add(id);
  });
  const input = convert(plan.input, needed, context);
  const estimatedRows = context.estimator.rows(plan);
  return { kind: "aggregate", operatorId, columns: columnsOf(plan), estimatedRows, input, groups, aggregates };
};

/** UNION ALL of any number of inputs: nested ones become one. */
const convertUnionAll = (plan: LogicalSetOperation, required: Ids, context: Conversion): PhysicalPlan => {
  if (plan.op !== "union" || !plan.all) {
    throw new QueryError("unsupported", `${plan.op.toUpperCase()}${plan.all ? " ALL" : ""} was not planned`);
  }
  const operatorId = context.next();
  const columns = only(plan.columns, required);
  const wanted = columns.map((column) => plan.columns.indexOf(column));
  const branches: { plan: LogicalPlan; ids: readonly ColumnId[] }[] = [];
  const collect = (branch: LogicalPlan, ids: readonly ColumnId[]): void => {
    if (branch.kind !== "setOperation" || branch.op !== "union" || !branch.all) {
      branches.push({ plan: branch, ids });
      return;
    }
    const positions = ids.map((id) => branch.columns.findIndex((column) => column.id === id));
    for (const side of [branch.left, branch.right]) {
      const sideColumns = columnsOf(side);
      collect(
        side,
        positions.map((position) => sideColumns[position]!.id),
      );
    }
  };
  for (const side of [plan.left, plan.right]) {
    const sideColumns = columnsOf(side);
    collect(
      side,
      wanted.map((position) => sideColumns[position]!.id),
    );
  }
  return {
    kind: "unionAll",
    operatorId,
    columns,
    estimatedRows: context.estimator.rows(plan),
    inputs: branches.map((branch) => convert(branch.plan, new Set(branch.ids), context)),
    inputColumns: branches.map((branch) => branch.ids),
  };
};
