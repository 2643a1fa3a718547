import type { AggregateColumn, Column, ColumnId, Expression, LogicalPlan } from "@headcut/plan";
import { mapChildren, mapList } from "../traverse/expression.ts";
import { columnsOf, inputs, mapExpressions, mapInputs } from "../traverse/plan.ts";
import type { Rule } from "./rule.ts";

/**
 * Brings every `nullable` up to date, from the scans upwards: joins that changed their kind, filters that moved and
 * columns that stand in for others leave references that say less, or other, than is known.
 */
export const refreshNullability: Rule = {
  name: "refresh-nullability",
  apply: (plan) => refresh(plan, new Map()),
};

const refresh = (plan: LogicalPlan, definitions: Map<number, ReadonlyMap<ColumnId, Column>>): LogicalPlan => {
  if (plan.kind === "with") {
    const definition = refresh(plan.definition, definitions);
    definitions.set(plan.cteId, byId(columnsOf(definition)));
    const body = refresh(plan.body, definitions);
    return definition === plan.definition && body === plan.body ? plan : { ...plan, definition, body };
  }
  const below = mapInputs(plan, (input) => refresh(input, definitions));
  const known = byId(below.kind === "scan" ? below.columns : inputs(below).flatMap(columnsOf));
  const node = mapExpressions(below, (expression) => retyped(expression, known));
  switch (node.kind) {
    case "aggregate": {
      const aggregates = mapList(node.aggregates, (column) => aggregateNullability(column, node.groups.length > 0));
      return aggregates === node.aggregates ? node : { ...node, aggregates };
    }
    case "join": {
      if (node.mark === undefined || node.mark.nullable === node.condition.nullable) return node;
      return { ...node, mark: { ...node.mark, nullable: node.condition.nullable } };
    }
    case "setOperation": {
      const [left, right] = [columnsOf(node.left), columnsOf(node.right)];
      let i = 0;
      const columns = mapList(node.columns, (column) => {
        const nullable = left[i]!.nullable || right[i]!.nullable;
        i++;
        return column.nullable === nullable ? column : { ...column, nullable };
      });
      return columns === node.columns ? node : { ...node, columns };
    }
    case "cteScan": {
      const definition = definitions.get(node.cteId);
      const columns = mapList(node.columns, (column) => {
        const nullable = definition?.get(column.source)?.nullable ?? column.nullable;
        return column.nullable === nullable ? column : { ...column, nullable };
      });
      return columns === node.columns ? node : { ...node, columns };
    }
    default:
      return node;
  }
};

const byId = (columns: readonly Column[]): ReadonlyMap<ColumnId, Column> =>
  new Map(columns.map((column) => [column.id, column]));

const retyped = (expression: Expression, known: ReadonlyMap<ColumnId, Column>): Expression => {
  if (expression.kind !== "column") return mapChildren(expression, (child) => retyped(child, known));
  const nullable = known.get(expression.id)?.nullable ?? expression.nullable;
  return nullable === expression.nullable ? expression : { ...expression, nullable };
};

/** NULL only when there may be no value: no row, none that passes the filter, or only NULLs. */
const aggregateNullability = (column: AggregateColumn, grouped: boolean): AggregateColumn => {
  const { call } = column;
  const nullable = ((): boolean => {
    switch (call.name) {
      case "count":
      case "countStar":
        return false;
      case "stddevSamp":
      case "varSamp":
        return true;
      default:
        return !grouped || call.filter !== undefined || call.args[0]!.nullable;
    }
  })();
  return nullable === call.nullable ? column : { ...column, call: { ...call, nullable } };
};
