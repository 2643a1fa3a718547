import {
  type Column,
  columnRef,
  constant,
  type DataType,
  outputColumns,
  QueryError,
  sameType,
  type Table,
  typeName,
  uniqueNames,
} from "@headcut/plan";
import { canCast } from "../fold/cast-value.ts";
import { plural } from "../functions/plural.ts";
import { castTo } from "../functions/resolve.ts";
import { dataTypeOf } from "../syntax/data-type-of.ts";
import { didYouMean } from "../syntax/suggest.ts";
import type * as tree from "../syntax/tree.ts";
import type { BindContext, BindState, QueryEnv, QueryPlan } from "./bind-context.ts";
import { bindCopy } from "./bind-copy.ts";
import { bindAnyExpression } from "./bind-expression.ts";
import { findTable } from "./bind-from.ts";
import { bindQueryNode, bindWholeQuery } from "./bind-query.ts";
import { bindValues } from "./bind-values.ts";
import type { BoundColumn, BoundStatement } from "./bound-statement.ts";
import { type ColumnIds, columnIds } from "./column-ids.ts";
import { sameName } from "./scope.ts";
import { commonTableUses, nameReference } from "./table-references.ts";

/**
 * What a statement means: names looked up, types checked, coercions in place, subqueries as dependent joins. Pure; the ids it gives
 * come from `ids`. Throws QueryError with the place in the text.
 */
export const bind = (statement: tree.Statement, context: BindContext, ids: ColumnIds = columnIds()): BoundStatement => {
  const state: BindState = {
    context,
    ids,
    places: new WeakMap(),
    cteUses: commonTableUses(statement),
    bindExpression: bindAnyExpression,
    bindQuery: bindWholeQuery,
  };
  return bindStatement(statement, { state, ctes: [], outer: undefined });
};

const bindStatement = (node: tree.Statement, env: QueryEnv): BoundStatement => {
  switch (node.kind) {
    case "query":
      return { kind: "query", ...bindWholeQuery(node, env) };
    case "explain":
      return {
        kind: "explain",
        analyze: node.analyze,
        format: node.format,
        statement: bindStatement(node.statement, env),
      };
    case "describe":
      return { kind: "describe", columns: describe(node.target, env) };
    case "showTables":
      return { kind: "showTables" };
    case "createTable":
      return bindCreateTable(node);
    case "createTableAs":
      return bindCreateTableAs(node, env);
    case "dropTable":
      return { kind: "drop", name: tableName(node.name), ifExists: node.ifExists };
    case "insert":
      return bindInsert(node, env);
    case "copy":
      return bindCopy(node, env);
  }
};

/** Tables that are made or dropped have no schema but `main`. */
const tableName = (name: tree.QualifiedName): string => {
  const [table, schema, ...rest] = name.parts.toReversed();
  if (rest.length > 0 || (schema !== undefined && !sameName(schema.name, "main"))) {
    throw new QueryError("unsupported", "schemas are not supported", {
      range: name.range,
      hint: `write ${table!.name} alone`,
    });
  }
  return table!.name;
};

const describe = (target: tree.Describe["target"], env: QueryEnv): readonly BoundColumn[] => {
  if (target.kind === "query") return boundColumns(bindWholeQuery(target, env));
  const reference =
    target.kind === "path"
      ? ({ kind: "path", path: target.path, range: target.range } as const)
      : nameReference(target);
  return findTable(reference, env).columns.map(({ name, type, nullable }) => ({ name, type, nullable }));
};

const boundColumns = ({ plan, names }: QueryPlan): readonly BoundColumn[] =>
  outputColumns(plan).map(({ type, nullable }, i) => ({ name: names[i]!, type, nullable }));

const bindCreateTable = (node: tree.CreateTable): BoundStatement => {
  const columns = node.columns.map(({ name, type, notNull }) => ({
    name: name.name,
    type: dataTypeOf(type),
    nullable: !notNull,
  }));
  distinctNames(node.columns.map(({ name }) => name));
  const { orReplace, ifNotExists } = node;
  return { kind: "createTable", name: tableName(node.name), orReplace, ifNotExists, columns };
};

const distinctNames = (names: readonly tree.Identifier[]): void => {
  for (const [i, name] of names.entries()) {
    if (names.slice(0, i).some((other) => sameName(other.name, name.name))) {
      throw new QueryError("invalid-argument", `column ${name.name} is named twice`, { range: name.range });
    }
  }
};

const bindCreateTableAs = (node: tree.CreateTableAs, env: QueryEnv): BoundStatement => {
  const query = bindWholeQuery(node.query, env);
  if (node.columnNames.length > query.names.length) {
    throw new QueryError(
      "invalid-argument",
      `the query has ${plural(query.names.length, "column")}, and ${node.columnNames.length} are named`,
      { range: node.columnNames[0]!.range },
    );
  }
  distinctNames(node.columnNames);
  const names = uniqueNames(query.names.map((name, i) => node.columnNames[i]?.name ?? name));
  const columns = boundColumns({ plan: query.plan, names }).map((column) => ({ ...column, nullable: true }));
  const { orReplace, ifNotExists } = node;
  return { kind: "createTableAs", name: tableName(node.name), orReplace, ifNotExists, columns, plan: query.plan };
};

const bindInsert = (node: tree.Insert, env: QueryEnv): BoundStatement => {
  const table = findTable(nameReference(node.table), env);
  const targets = node.columns.length === 0 ? table.columns.map((_, i) => i) : targetColumns(node, table);
  const types = targets.map((index) => table.columns[index]!.type);
  const query = insertedRows(node.query, types, env);
  const columns = outputColumns(query.plan);
  if (columns.length !== targets.length) {
    throw new QueryError(
      "invalid-argument",
      `table ${table.name} takes ${plural(targets.length, "value")} here, not ${columns.length}`,
      { range: node.query.range },
    );
  }
  const projections = table.columns.map(({ name, type }, index) => {
    const position = targets.indexOf(index);
    const expression = position < 0 ? constant(type, null) : assigned(columns[position]!, type, name, node);
    return { id: env.state.ids.next(), name, expression };
  });
  return { kind: "insert", table, plan: { kind: "project", input: query.plan, projections } };
};

/** The items of VALUES are converted one by one to what the table takes, so that a bad one is reported where it stands. */
const insertedRows = (query: tree.Query, types: readonly DataType[], env: QueryEnv): QueryPlan => {
  const plain = query.with.length === 0 && query.orderBy.length === 0 && !query.limit && !query.offset;
  const { body } = query;
  const fits = plain && body.kind === "values" && body.rows.every((row) => row.items.length === types.length);
  return fits && body.kind === "values" ? bindValues(body, env, types) : bindQueryNode(query, env);
};

const targetColumns = (node: tree.Insert, table: Table): readonly number[] => {
  distinctNames(node.columns);
  return node.columns.map((name) => {
    const index = table.columns.findIndex((column) => sameName(column.name, name.name));
    if (index >= 0) return index;
    const hint = didYouMean(
      name.name,
      table.columns.map((column) => column.name),
    );
    throw new QueryError("unknown-column", `table ${table.name} has no column ${name.name}`, {
      range: name.range,
      ...(hint && { hint }),
    });
  });
};

const assigned = (column: Column, type: DataType, name: string, node: tree.Insert) => {
  if (!sameType(column.type, type) && !canCast(column.type, type)) {
    throw new QueryError(
      "type-mismatch",
      `column ${name} is ${typeName(type)} and cannot take ${typeName(column.type)}`,
      { range: node.query.range },
    );
  }
  return castTo(columnRef(column), type, node.query.range);
};
