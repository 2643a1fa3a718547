import type {
  AggregateName,
  ColumnId,
  Expression,
  LogicalAggregate,
  LogicalPlan,
  LogicalScan,
  LogicalSetOperation,
} from "@headcut/plan";
import { type ColumnEstimate, tableColumnEstimate, thinned, unknownColumn } from "./column-estimate.ts";
import { estimateJoin } from "./estimate-join.ts";
import { expressionDistinct, type RowsEstimate, selectivity } from "./selectivity.ts";

type Estimate = (plan: LogicalPlan) => RowsEstimate;

/** Rows and columns of one node, given those of its inputs. */
export const estimatePlan = (
  plan: LogicalPlan,
  estimate: Estimate,
  cte: (cteId: number) => RowsEstimate | undefined,
): RowsEstimate => {
  switch (plan.kind) {
    case "scan":
      return estimateScan(plan);
    case "values": {
      const rows = plan.rows.length;
      return { rows, columns: new Map(plan.columns.map((column) => [column.id, unknownColumn(rows)])) };
    }
    case "series": {
      const [{ id }] = plan.columns;
      return { rows: plan.count, columns: new Map([[id, unknownColumn(plan.count)]]) };
    }
    case "filter":
      return filtered(estimate(plan.input), plan.predicate);
    case "project": {
      const input = estimate(plan.input);
      return { rows: input.rows, columns: computed(plan.projections, input) };
    }
    case "join":
      return estimateJoin(plan, estimate(plan.left), estimate(plan.right));
    case "aggregate":
      return estimateAggregate(plan, estimate(plan.input));
    case "sort":
    case "repeat":
      return estimate(plan.input);
    case "limit": {
      const input = estimate(plan.input);
      return thinnedRows(input, Math.min(plan.limit ?? input.rows, Math.max(0, input.rows - plan.offset)));
    }
    case "setOperation":
      return estimateSetOperation(plan, estimate(plan.left), estimate(plan.right));
    case "with":
      estimate(plan.definition);
      return estimate(plan.body);
    case "cteScan": {
      const definition = cte(plan.cteId);
      const rows = definition?.rows ?? 1000;
      // A CTE is a table of its own: what it holds is all there is. If that is not all that its column's table holds, it is a sample.
      const columns = plan.columns.map((column): [ColumnId, ColumnEstimate] => {
        const known = definition?.columns.get(column.source) ?? unknownColumn(rows);
        const sparsity = known.distinct < known.domain * WHOLE_SHARE ? Number.POSITIVE_INFINITY : 1;
        return [column.id, { ...known, domain: known.distinct, guessed: false, sparsity }];
      });
      return { rows, columns: new Map(columns) };
    }
  }
};

/** From this share on, the values a CTE holds are taken for all there are. */
const WHOLE_SHARE = 0.9;

const estimateScan = (plan: LogicalScan): RowsEstimate => {
  const rows = plan.table.rowCount;
  const columns = new Map(
    plan.columns.map((column): [ColumnId, ColumnEstimate] => [
      column.id,
      tableColumnEstimate(plan.table.columns[column.index]!, rows, plan),
    ]),
  );
  return filteredAll({ rows, columns }, plan.filters);
};

const filteredAll = (input: RowsEstimate, predicates: readonly Expression[]): RowsEstimate => {
  if (predicates.length === 0) return input;
  const share = selectivity(predicates.length === 1 ? predicates[0]! : conjunction(predicates), input);
  return thinnedRows(input, atLeastOne(input.rows * share, input.rows));
};

const conjunction = (args: readonly Expression[]): Expression => ({
  kind: "and",
  args,
  type: args[0]!.type,
  nullable: true,
});

const filtered = (input: RowsEstimate, predicate: Expression): RowsEstimate => filteredAll(input, [predicate]);

/** A filter is never believed to leave nothing: plans made for no rows are bad when a few come. */
export const atLeastOne = (rows: number, fromRows: number): number => Math.min(fromRows, Math.max(1, rows));

const thinnedRows = (input: RowsEstimate, rows: number): RowsEstimate => ({
  rows,
  columns: new Map([...input.columns].map(([id, column]) => [id, thinned(column, rows, input.rows)])),
});

const computed = (
  items: readonly { readonly id: ColumnId; readonly expression: Expression }[],
  input: RowsEstimate,
): Map<ColumnId, ColumnEstimate> =>
  new Map(
    items.map(({ id, expression }) => {
      // A widening cast keeps the values, so the column's statistics go on holding.
      const source = expression.kind === "cast" ? expression.arg : expression;
      const known = source.kind === "column" ? input.columns.get(source.id) : undefined;
      return [id, known ?? unknownColumn(Math.min(input.rows, expressionDistinct(expression, input)))];
    }),
  );

/** Groups: the most numerous key in full, each further one with less weight, since keys tend to depend on each other. */
export const groupCount = (distincts: readonly number[], rows: number): number => {
  let weight = 1;
  let groups = 1;
  for (const distinct of [...distincts].sort((a, b) => b - a)) {
    groups *= distinct ** weight;
    weight *= 0.75;
  }
  return Math.min(rows, groups);
};

/** A condition on an aggregate (HAVING) is there to find the few. */
const HAVING_SHARE = 0.1;
/** Counts spread over some multiples of their mean. */
const COUNT_SPREAD = 5;

const aggregateColumn = (name: AggregateName, groups: number, rowsPerGroup: number): ColumnEstimate => {
  const isCount = name === "count" || name === "countStar";
  const distinct = isCount ? Math.min(groups, Math.max(10, rowsPerGroup * COUNT_SPREAD)) : groups;
  return { ...unknownColumn(distinct), rangeShare: HAVING_SHARE };
};

const estimateAggregate = (plan: LogicalAggregate, input: RowsEstimate): RowsEstimate => {
  if (plan.groups.length === 0) {
    return { rows: 1, columns: new Map(plan.aggregates.map(({ id }) => [id, unknownColumn(1)])) };
  }
  const distincts = plan.groups.map(({ expression }) => expressionDistinct(expression, input));
  const rows = Math.max(Math.min(1, input.rows), groupCount(distincts, input.rows));
  const columns = computed(plan.groups, input);
  for (const [id, column] of columns) columns.set(id, thinned(column, rows, rows));
  for (const { id, call } of plan.aggregates)
    columns.set(id, aggregateColumn(call.name, rows, input.rows / Math.max(1, rows)));
  return { rows, columns };
};

const estimateSetOperation = (plan: LogicalSetOperation, left: RowsEstimate, right: RowsEstimate): RowsEstimate => {
  const rows =
    plan.op === "union"
      ? left.rows + right.rows
      : plan.op === "intersect"
        ? Math.min(left.rows, right.rows) / 2
        : left.rows / 2;
  return { rows, columns: new Map(plan.columns.map((column) => [column.id, unknownColumn(rows)])) };
};
