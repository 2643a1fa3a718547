import {
  type ColumnId,
  type ColumnStatistics,
  type DataType,
  type Expression,
  isInteger,
  type PhysicalPlan,
  physicalInputs,
} from "@headcut/plan";

/** At most so many values an expression has, over all rows there may be; undefined where nothing is known. */
export type Domains = (expression: Expression) => number | undefined;

/** What bounds, counts and numbers of rows of the tables say of every column of a plan. */
export const columnDomains = (plan: PhysicalPlan): Domains => {
  const known = new Map<ColumnId, number>();
  const domainOf: Domains = (expression) => {
    if (expression.kind === "column") return known.get(expression.id);
    // Of another width they are as many values.
    return expression.kind === "cast" && isInteger(expression.type) && isInteger(expression.arg.type)
      ? domainOf(expression.arg)
      : undefined;
  };
  const rename = (id: ColumnId, expression: Expression): void => {
    const domain = domainOf(expression);
    if (domain !== undefined) known.set(id, domain);
  };
  const visit = (node: PhysicalPlan): void => {
    physicalInputs(node).forEach(visit);
    if (node.kind === "scan") {
      for (const { id, index } of node.read) {
        const { type, statistics } = node.table.columns[index]!;
        const domain = tableDomain(type, node.table.rowCount, statistics);
        if (domain !== undefined) known.set(id, domain);
      }
    }
    if (node.kind === "project") for (const { id, expression } of node.projections) rename(id, expression);
    if (node.kind === "aggregate") for (const { id, expression } of node.groups) rename(id, expression);
  };
  visit(plan);
  return domainOf;
};

const tableDomain = (type: DataType, rowCount: number, statistics: ColumnStatistics | undefined): number | undefined =>
  rowCount === 0
    ? undefined
    : Math.max(1, Math.min(rowCount, statistics?.distinctCount ?? rowCount, rangeOf(type, statistics) ?? rowCount));

/** Values between the bounds, of types whose values are whole numbers. */
const rangeOf = (type: DataType, { min, max }: ColumnStatistics = {}): number | undefined => {
  if (type.kind === "float" || type.kind === "double") return undefined;
  if (typeof min === "number" && typeof max === "number") return max - min + 1;
  return typeof min === "bigint" && typeof max === "bigint" ? Number(max - min) + 1 : undefined;
};
