import { type Column, type ColumnId, columnRef, type Expression, type LogicalPlan } from "@headcut/plan";
import { substitute } from "./expression.ts";
import { mapExpressions, mapInputs } from "./plan.ts";

/** Gives fresh ids: of columns and of CTEs, from one counter, so that none is ever used twice in a query. */
export interface IdSource {
  next(): number;
}

/** An id source that continues after every id in the plan. */
export const idsAfter = (plan: LogicalPlan): IdSource => {
  let last = highestId(plan);
  return { next: () => ++last };
};

const highestId = (plan: LogicalPlan): number => {
  let highest = -1;
  const visit = (node: LogicalPlan): LogicalPlan => {
    for (const id of madeIds(node)) if (id > highest) highest = id;
    if ((node.kind === "with" || node.kind === "cteScan") && node.cteId > highest) highest = node.cteId;
    mapInputs(node, visit);
    return node;
  };
  visit(plan);
  return highest;
};

const madeIds = (plan: LogicalPlan): readonly ColumnId[] => {
  switch (plan.kind) {
    case "scan":
    case "values":
    case "series":
    case "setOperation":
    case "cteScan":
      return plan.columns.map((column) => column.id);
    case "project":
      return plan.projections.map((projection) => projection.id);
    case "aggregate":
      return [...plan.groups.map((group) => group.id), ...plan.aggregates.map((aggregate) => aggregate.id)];
    case "join":
      return plan.mark === undefined ? [] : [plan.mark.id];
    case "filter":
    case "sort":
    case "limit":
    case "with":
    case "repeat":
      return [];
  }
};

/** A copy of a plan in which every column made inside has a fresh id. */
export interface Renumbered {
  readonly plan: LogicalPlan;
  /** The fresh id of each column the original makes. */
  readonly ids: ReadonlyMap<ColumnId, ColumnId>;
}

/** Copies a plan so that original and copy can be in one query. References to columns outside stay. */
export const renumber = (plan: LogicalPlan, source: IdSource): Renumbered => {
  const ids = new Map<ColumnId, ColumnId>();
  const refs = new Map<ColumnId, Expression>();
  const ctes = new Map<number, number>();
  const fresh = <T extends { readonly id: ColumnId }>(made: T): T => {
    let id = ids.get(made.id);
    if (id === undefined) {
      id = source.next();
      ids.set(made.id, id);
    }
    return { ...made, id };
  };
  const freshColumn = <T extends Column>(column: T): T => {
    const copy = fresh(column);
    refs.set(column.id, columnRef(copy));
    return copy;
  };
  const made = <T extends { readonly id: ColumnId; readonly name: string }>(
    item: T,
    typed: Pick<Column, "type" | "nullable">,
  ): T => {
    const copy = fresh(item);
    refs.set(item.id, columnRef({ id: copy.id, name: item.name, type: typed.type, nullable: typed.nullable }));
    return copy;
  };
  const copyNode = (node: LogicalPlan): LogicalPlan => {
    if (node.kind === "with") ctes.set(node.cteId, source.next());
    const columnsFirst = node.kind === "scan" ? { ...node, columns: node.columns.map(freshColumn) } : node;
    const below = mapInputs(columnsFirst, copyNode);
    const renamed = mapExpressions(below, (expression) => substitute(expression, refs));
    switch (renamed.kind) {
      case "values":
      case "setOperation":
        return { ...renamed, columns: renamed.columns.map(freshColumn) };
      case "series":
        return { ...renamed, columns: [freshColumn(renamed.columns[0])] };
      case "cteScan":
        return {
          ...renamed,
          cteId: ctes.get(renamed.cteId) ?? renamed.cteId,
          columns: renamed.columns.map((column) => ({
            ...freshColumn(column),
            source: ids.get(column.source) ?? column.source,
          })),
        };
      case "with":
        return { ...renamed, cteId: ctes.get(renamed.cteId)! };
      case "project":
        return { ...renamed, projections: renamed.projections.map((item) => made(item, item.expression)) };
      case "aggregate":
        return {
          ...renamed,
          groups: renamed.groups.map((item) => made(item, item.expression)),
          aggregates: renamed.aggregates.map((item) => made(item, item.call)),
        };
      case "join":
        return renamed.mark === undefined ? renamed : { ...renamed, mark: freshColumn(renamed.mark) };
      case "scan":
      case "filter":
      case "sort":
      case "limit":
      case "repeat":
        return renamed;
    }
  };
  return { plan: copyNode(plan), ids };
};
