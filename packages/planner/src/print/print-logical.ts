import { type AggregateColumn, type LogicalPlan, type Projection, TRUE } from "@headcut/plan";
import { columnsOf, inputs } from "../traverse/plan.ts";
import { type Description, type PrintedNode, renderTree } from "./node.ts";
import { type Numbering, numbering } from "./numbering.ts";
import { printAggregateCall, printColumn, printExpression, printSortKey } from "./print-expression.ts";
import { printSeries } from "./print-series.ts";

/** A logical plan as an indented tree, root first. */
export const printLogicalPlan = (plan: LogicalPlan): string => renderTree(logicalNode(plan));

const logicalNode = (plan: LogicalPlan, numbers: Numbering = numbering()): PrintedNode => {
  // The node before its inputs, so that columns are numbered in reading order.
  const own = describeLogical(plan, numbers);
  return { ...own, inputs: inputs(plan).map((input) => logicalNode(input, numbers)) };
};

/** `a#1, total#2 = b#3 + c#4`: a column passed through stands alone. */
export const printProjection = (projection: Projection, numbers: Numbering): string => {
  const { expression } = projection;
  if (expression.kind === "column" && expression.id === projection.id) return printColumn(expression, numbers);
  return `${printColumn(projection, numbers)} = ${printExpression(expression, numbers)}`;
};

export const printAggregate = (aggregate: AggregateColumn, numbers: Numbering): string =>
  `${printColumn(aggregate, numbers)} = ${printAggregateCall(aggregate.call, numbers)}`;

/** `limit 10 offset 5`, `offset 5`. */
export const printLimit = (plan: { readonly limit: number | undefined; readonly offset: number }): string => {
  const limit = plan.limit === undefined ? "" : `${plan.limit}`;
  return plan.offset === 0 ? limit : `${limit}${limit === "" ? "" : " "}offset ${plan.offset}`;
};

const line = (operator: string, detail: string, lines: readonly string[] = []): Description => ({
  operator,
  detail,
  lines,
});

export const describeLogical = (plan: LogicalPlan, numbers: Numbering): Description => {
  const column = (item: { readonly id: number; readonly name: string }): string => printColumn(item, numbers);
  const columns = (): string => columnsOf(plan).map(column).join(", ");
  switch (plan.kind) {
    case "scan": {
      const alias = plan.alias === plan.table.name ? "" : ` as ${plan.alias}`;
      const filters = plan.filters.map((filter) => `filter ${printExpression(filter, numbers)}`);
      return line("scan", `${plan.table.name}${alias} (${columns()})`, filters);
    }
    case "values": {
      const rows = plan.rows.map((row) => `(${row.map((item) => printExpression(item, numbers)).join(", ")})`);
      return line("values", `(${columns()})`, rows);
    }
    case "series":
      return line("series", `(${columns()}) ${printSeries(plan)}`);
    case "filter":
      return line("filter", printExpression(plan.predicate, numbers));
    case "project":
      return line("project", plan.projections.map((item) => printProjection(item, numbers)).join(", "));
    case "join": {
      const condition = plan.condition === TRUE ? "" : ` on ${printExpression(plan.condition, numbers)}`;
      const mark = plan.mark === undefined ? "" : ` ${column(plan.mark)}`;
      return line("join", `${plan.dependent ? "dependent " : ""}${plan.joinKind}${mark}${condition}`);
    }
    case "aggregate": {
      const groups = plan.groups.map((group) => printProjection(group, numbers)).join(", ");
      const aggregates = plan.aggregates.map((aggregate) => printAggregate(aggregate, numbers));
      return line("aggregate", groups === "" ? "" : `by ${groups}`, aggregates);
    }
    case "sort":
      return line("sort", plan.keys.map((key) => printSortKey(key, numbers)).join(", "));
    case "limit":
      return line("limit", printLimit(plan));
    case "setOperation":
      return line("setOperation", `${plan.op}${plan.all ? " all" : ""} (${columns()})`);
    case "with":
      return line("with", `${plan.name}#${numbers.cte(plan.cteId)}`);
    case "cteScan": {
      const pairs = plan.columns.map((item) => `${column(item)} = #${numbers.column(item.source)}`);
      return line("cteScan", `${plan.name}#${numbers.cte(plan.cteId)} (${pairs.join(", ")})`);
    }
    case "repeat":
      return line("repeat", printExpression(plan.count, numbers));
  }
};
