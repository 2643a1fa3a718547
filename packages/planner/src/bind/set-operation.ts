import {
  type Column,
  columnRef,
  type DataType,
  isNumeric,
  type LogicalPlan,
  outputColumns,
  QueryError,
  sameType,
  typeName,
  varchar,
} from "@headcut/plan";
import { commonType } from "../functions/common-type.ts";
import { plural } from "../functions/plural.ts";
import { castTo } from "../functions/resolve.ts";
import type * as tree from "../syntax/tree.ts";
import type { QueryEnv, QueryPlan } from "./bind-context.ts";

/** UNION, INTERSECT, EXCEPT: columns by position, each brought to one type, under the left side's names. */
export const combineQueries = (
  node: tree.SetOperation,
  left: QueryPlan,
  right: QueryPlan,
  env: QueryEnv,
): QueryPlan => {
  const leftColumns = outputColumns(left.plan);
  const rightColumns = outputColumns(right.plan);
  if (leftColumns.length !== rightColumns.length) {
    const word = node.op.toUpperCase();
    throw new QueryError(
      "invalid-argument",
      `one side of ${word} has ${plural(leftColumns.length, "column")}, the other ${rightColumns.length}`,
      { range: node.right.range },
    );
  }
  const types = leftColumns.map((column, i) => unify(column, rightColumns[i]!, node));
  const columns = leftColumns.map((column, i): Column => {
    const other = rightColumns[i]!;
    return {
      id: env.state.ids.next(),
      name: left.names[i]!,
      type: types[i]!,
      nullable: nullable(node.op, column.nullable, other.nullable),
    };
  });
  return {
    plan: {
      kind: "setOperation",
      op: node.op,
      all: node.all,
      left: castColumns(left.plan, types, node.left, env),
      right: castColumns(right.plan, types, node.right, env),
      columns,
    },
    names: left.names,
  };
};

const nullable = (op: tree.SetOperation["op"], left: boolean, right: boolean): boolean =>
  op === "union" ? left || right : op === "intersect" ? left && right : left;

/** Other than in CASE, a column that is text on one side becomes text (but for BLOB and UUID), and truth becomes a number. */
const unify = (left: Column, right: Column, node: tree.SetOperation): DataType => {
  const common = commonType(left.type, right.type);
  if (common !== undefined) return common;
  const kinds = [left.type.kind, right.type.kind];
  const strict = [left, right].find(({ type }) => type.kind === "blob" || type.kind === "uuid");
  if (kinds.includes("varchar")) return strict === undefined ? varchar : strict.type;
  const number = [left, right].find(({ type }) => isNumeric(type));
  if (kinds.includes("boolean") && number !== undefined) return number.type;
  throw new QueryError(
    "type-mismatch",
    `column ${left.name} is ${typeName(left.type)} on one side of ${node.op.toUpperCase()} and ${typeName(right.type)} on the other`,
    { range: node.right.range, hint: "cast one to the other's type" },
  );
};

/** The plan with its columns cast to the types, if they differ. */
export const castColumns = (
  plan: LogicalPlan,
  types: readonly DataType[],
  node: { readonly range: tree.Query["range"] },
  env: QueryEnv,
): LogicalPlan => {
  const columns = outputColumns(plan);
  if (columns.every((column, i) => sameType(column.type, types[i]!))) return plan;
  const projections = columns.map((column, i) => {
    const expression = castTo(columnRef(column), types[i]!, node.range);
    const id = expression.kind === "column" ? column.id : env.state.ids.next();
    return { id, name: column.name, expression };
  });
  return { kind: "project", input: plan, projections };
};
