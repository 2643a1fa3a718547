import { type Column, type LogicalPlan, outputColumns, QueryError, type Table, TRUE } from "@headcut/plan";
import { plural } from "../functions/plural.ts";
import { didYouMean } from "../syntax/suggest.ts";
import type * as tree from "../syntax/tree.ts";
import type { CteBinding, PathReference, QueryEnv, TableReference } from "./bind-context.ts";
import { bindJoin } from "./bind-join.ts";
import { bindTableFunction } from "./bind-table-function.ts";
import { clauseEnv } from "./environments.ts";
import { concatScopes, emptyScope, type Relation, type Scope } from "./scope.ts";
import { isDependent } from "./subquery-joins.ts";
import { filePath, nameReference } from "./table-references.ts";

/** A FROM clause or a part of it. */
export interface Source {
  readonly plan: LogicalPlan;
  readonly scope: Scope;
}

/** One row without columns: what SELECT without FROM reads. */
export const ONE_ROW: LogicalPlan = { kind: "values", columns: [], rows: [[]] };

/** Tables separated by commas: a cross join, in which later ones may refer to earlier ones. */
export const bindFrom = (refs: readonly tree.TableRef[], env: QueryEnv): Source => {
  let source: Source | undefined;
  for (const ref of refs) {
    const right = bindTableRef(ref, env, source?.scope ?? emptyScope);
    source = source === undefined ? right : crossJoin(source, right);
  }
  return source ?? { plan: ONE_ROW, scope: emptyScope };
};

const crossJoin = (left: Source, right: Source): Source => ({
  plan: {
    kind: "join",
    joinKind: "inner",
    left: left.plan,
    right: right.plan,
    condition: TRUE,
    mark: undefined,
    dependent: isDependent(left.plan, right.plan),
  },
  scope: concatScopes(left.scope, right.scope),
});

/** One item of FROM; `lateral` are the tables to its left, whose columns a derived table may use. */
const bindTableRef = (ref: tree.TableRef, env: QueryEnv, lateral: Scope): Source => {
  switch (ref.kind) {
    case "namedTable":
      return bindNamedTable(ref, env);
    case "path":
      return bindFile({ kind: "path", path: ref.path, range: ref.range }, ref.alias, env);
    case "tableFunction": {
      const file = filePath(ref);
      if (file !== undefined) return bindFile(file, ref.alias, env);
      return aliased(bindTableFunction(ref, env), ref.name.name, ref.alias);
    }
    case "derivedTable": {
      const outer = lateral.relations.length === 0 ? env.outer : clauseEnv(env, lateral, "FROM");
      const { plan, names } = env.state.bindQuery(ref.query, { ...env, outer });
      return aliased({ plan, names }, "", ref.alias);
    }
    case "join":
      return bindJoin(ref, env, lateral, bindTableRef);
  }
};

const bindNamedTable = (ref: tree.NamedTable, env: QueryEnv): Source => {
  const { parts } = ref.name;
  const name = parts.at(-1)!.name;
  if (parts.length === 1) {
    const cte = env.ctes.find((binding) => binding.name === name.toLowerCase());
    if (cte !== undefined) return bindCte(cte, ref, env);
  }
  const table = findTable(nameReference(ref.name), env);
  const qualifiers = parts.length > 1 ? parts.slice(0, -1).map((part) => part.name) : ["main"];
  return scanSource(table, name, qualifiers.toReversed(), ref.alias, env);
};

/** The table, or an error that names the nearest one. */
export const findTable = (reference: TableReference, env: QueryEnv): Table => {
  const table = env.state.context.lookupTable(reference);
  if (table !== undefined) return table;
  const name = reference.kind === "name" ? reference.parts.join(".") : reference.path;
  const { range } = reference;
  if (reference.kind === "path") throw new QueryError("unknown-table", `there is no file ${name}`, { range });
  const names = [...env.state.context.tableNames(), ...env.ctes.map((cte) => cte.name)];
  const hint = didYouMean(reference.parts.at(-1)!, names) ?? tableList(names);
  throw new QueryError("unknown-table", `there is no table ${name}`, { range, ...(hint && { hint }) });
};

const tableList = (names: readonly string[]): string | undefined =>
  names.length > 0 && names.length <= 12 ? `the tables are ${names.join(", ")}` : undefined;

const bindFile = (reference: PathReference, alias: tree.TableAlias | undefined, env: QueryEnv) => {
  const fileName = reference.path.replace(/^.*[/\\]/, "").replace(/\.[^.]*$/, "");
  return scanSource(findTable(reference, env), fileName, [], alias, env);
};

const scanSource = (
  table: Table,
  name: string,
  qualifiers: readonly string[],
  alias: tree.TableAlias | undefined,
  env: QueryEnv,
): Source => {
  const columns = table.columns.map((column, index) => ({
    id: env.state.ids.next(),
    name: column.name,
    type: column.type,
    nullable: column.nullable,
    index,
  }));
  const plan: LogicalPlan = { kind: "scan", table, alias: alias?.name.name ?? name, columns, filters: [] };
  return {
    plan,
    scope: relationScope(named(columns, alias), name, alias === undefined ? qualifiers : [], alias),
  };
};

const bindCte = (cte: CteBinding, ref: tree.NamedTable, env: QueryEnv): Source => {
  const { use, node } = cte;
  if (use.kind === "inline") {
    const { plan, names } = env.state.bindQuery(node.query, use.env);
    return aliased({ plan, names: cteNames(node, names) }, node.name.name, ref.alias);
  }
  const columns = use.columns.map((column) => ({
    id: env.state.ids.next(),
    name: column.name,
    type: column.type,
    nullable: column.nullable,
    source: column.id,
  }));
  const plan: LogicalPlan = { kind: "cteScan", cteId: use.cteId, name: node.name.name, columns };
  return aliased({ plan, names: columns.map((column) => column.name) }, node.name.name, ref.alias);
};

/** The query's names, the first of them replaced by those of `WITH t (a, b)`. */
export const cteNames = (node: tree.CommonTable, names: readonly string[]): readonly string[] => {
  if (node.columns.length > names.length) throw tooManyNames(node.name, names.length, node.columns);
  return names.map((name, i) => node.columns[i]?.name ?? name);
};

const tooManyNames = (name: tree.Identifier, count: number, columns: readonly tree.Identifier[]): QueryError =>
  new QueryError("invalid-argument", `${name.name} has ${plural(count, "column")}, and ${columns.length} are named`, {
    range: name.range,
  });

/** A query as a table in FROM, under its alias. */
const aliased = (
  query: { readonly plan: LogicalPlan; readonly names: readonly string[] },
  name: string,
  alias: tree.TableAlias | undefined,
): Source => {
  const columns = outputColumns(query.plan).map((column, i) => ({ ...column, name: query.names[i]! }));
  return { plan: query.plan, scope: relationScope(named(columns, alias), name, [], alias) };
};

/** The columns under the names the alias gives them. */
const named = (columns: readonly Column[], alias: tree.TableAlias | undefined): readonly Column[] => {
  if (alias === undefined) return columns;
  if (alias.columns.length > columns.length) throw tooManyNames(alias.name, columns.length, alias.columns);
  return columns.map((column, i) => ({ ...column, name: alias.columns[i]?.name ?? column.name }));
};

const relationScope = (
  columns: readonly Column[],
  name: string,
  qualifiers: readonly string[],
  alias: tree.TableAlias | undefined,
): Scope => {
  const relation: Relation = { alias: alias?.name.name ?? name, qualifiers, columns };
  return { relations: [relation], merged: [] };
};
