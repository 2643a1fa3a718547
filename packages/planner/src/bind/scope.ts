import { type Column, type ColumnId, columnRef, type Expression, QueryError, type SourceRange } from "@headcut/plan";
import { didYouMean } from "../syntax/suggest.ts";
import { substitute } from "../traverse/expression.ts";

/** A table in FROM under the name expressions know it by. */
export interface Relation {
  /** The alias, or the last part of the table's name. */
  readonly alias: string;
  /** Schema and catalog of a table without alias, innermost first: `main.orders` has ["main"]. */
  readonly qualifiers: readonly string[];
  readonly columns: readonly Column[];
}

/** A column of JOIN … USING: one column by that name, standing for one of each side. */
export interface MergedColumn {
  readonly name: string;
  readonly expression: Expression;
  readonly members: ReadonlySet<ColumnId>;
}

/** What FROM offers to expressions. */
export interface Scope {
  readonly relations: readonly Relation[];
  readonly merged: readonly MergedColumn[];
}

export const emptyScope: Scope = { relations: [], merged: [] };

export const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

const nullableColumn = (column: Column): Column => (column.nullable ? column : { ...column, nullable: true });

/** The scope behind an outer join that pads it with NULLs. */
export const nullableScope = (scope: Scope): Scope => {
  const relations = scope.relations.map((relation) => ({ ...relation, columns: relation.columns.map(nullableColumn) }));
  const refs = new Map(
    relations.flatMap(({ columns }) => columns.map((column) => [column.id, columnRef(column)] as const)),
  );
  const merged = scope.merged.map((column) => ({ ...column, expression: substitute(column.expression, refs) }));
  return { relations, merged };
};

export const concatScopes = (left: Scope, right: Scope): Scope => ({
  relations: [...left.relations, ...right.relations],
  merged: [...left.merged, ...right.merged],
});

/** A column by name, or by `table.column`; undefined when the scope has none. More than one is an error. */
export const resolveColumn = (scope: Scope, parts: readonly string[], range: SourceRange): Expression | undefined => {
  const found = parts.length === 1 ? unqualified(scope, parts[0]!) : qualified(scope, parts);
  if (found.length > 1) {
    const name = parts.at(-1)!;
    const owners = scope.relations.filter(({ columns }) => columns.some((column) => sameName(column.name, name)));
    throw new QueryError("ambiguous-column", `column ${parts.join(".")} is ambiguous`, {
      range,
      hint: `write ${owners.map(({ alias }) => `${alias}.${name}`).join(" or ")}`,
    });
  }
  return found[0];
};

const unqualified = (scope: Scope, name: string): readonly Expression[] => {
  const merged = scope.merged.filter((column) => sameName(column.name, name));
  const members = new Set(merged.flatMap((column) => [...column.members]));
  const plain = scope.relations
    .flatMap((relation) => columnsNamed(relation, name))
    .filter((column) => !members.has(column.id));
  return [...merged.map(({ expression }) => expression), ...plain.map(columnRef)];
};

/** Columns by lower-case name, made when a name is first looked up: a wide table is not searched for each of its names. */
const columnIndexes = new WeakMap<readonly Column[], ReadonlyMap<string, readonly Column[]>>();

const columnsNamed = ({ columns }: Relation, name: string): readonly Column[] => {
  let index = columnIndexes.get(columns);
  if (index === undefined) {
    index = indexByName(columns);
    columnIndexes.set(columns, index);
  }
  return index.get(name.toLowerCase()) ?? [];
};

const indexByName = (columns: readonly Column[]): ReadonlyMap<string, readonly Column[]> => {
  const index = new Map<string, Column[]>();
  for (const column of columns) {
    const name = column.name.toLowerCase();
    const same = index.get(name);
    if (same === undefined) index.set(name, [column]);
    else same.push(column);
  }
  return index;
};

const qualified = (scope: Scope, parts: readonly string[]): readonly Expression[] => {
  const name = parts.at(-1)!;
  return relationsNamed(scope, parts.slice(0, -1))
    .flatMap((relation) => columnsNamed(relation, name))
    .map(columnRef);
};

/** The relations that `t`, `schema.t` or `catalog.schema.t` can mean. */
export const relationsNamed = (scope: Scope, parts: readonly string[]): readonly Relation[] => {
  const [alias, ...qualifiers] = parts.toReversed();
  return scope.relations.filter(
    (relation) =>
      sameName(relation.alias, alias!) &&
      qualifiers.every(
        (qualifier, i) => i < relation.qualifiers.length && sameName(relation.qualifiers[i]!, qualifier),
      ),
  );
};

/** The columns of `*` in order: a merged column stands where its first member does. */
export const starColumns = (scope: Scope): readonly { readonly name: string; readonly expression: Expression }[] => {
  const emitted = new Set<MergedColumn>();
  const result: { name: string; expression: Expression }[] = [];
  for (const column of scope.relations.flatMap(({ columns }) => columns)) {
    const merged = scope.merged.find(({ members }) => members.has(column.id));
    if (merged === undefined) result.push({ name: column.name, expression: columnRef(column) });
    else if (!emitted.has(merged)) {
      emitted.add(merged);
      result.push({ name: column.name, expression: merged.expression });
    }
  }
  return result;
};

/** The error for a column that no scope has, with the nearest name as a hint. */
export const unknownColumn = (
  scopes: readonly Scope[],
  parts: readonly string[],
  range: SourceRange,
  alsoKnown: readonly string[] = [],
): QueryError => {
  const name = parts.at(-1)!;
  const written = parts.join(".");
  const relations = scopes.flatMap((scope) => scope.relations);
  if (parts.length > 1) {
    const table = parts.at(-2)!;
    const named = scopes.flatMap((scope) => relationsNamed(scope, parts.slice(0, -1)));
    if (named.length === 0) {
      const hint = didYouMean(
        table,
        relations.map(({ alias }) => alias),
      );
      return new QueryError("unknown-table", `there is no table ${table} in FROM`, { range, ...(hint && { hint }) });
    }
    const columns = named.flatMap(({ columns }) => columns.map((column) => column.name));
    const hint = didYouMean(name, columns) ?? listed(columns, `${table} has`);
    return new QueryError("unknown-column", `table ${table} has no column ${name}`, { range, ...(hint && { hint }) });
  }
  const names = [...relations.flatMap(({ columns }) => columns.map((column) => column.name)), ...alsoKnown];
  const hint = didYouMean(name, names) ?? (relations.length === 0 ? undefined : listed(names, "there are"));
  return new QueryError("unknown-column", `there is no column ${written}`, { range, ...(hint && { hint }) });
};

/** All names when they are few. */
const listed = (names: readonly string[], intro: string): string | undefined => {
  const distinct = [...new Set(names)];
  return distinct.length > 0 && distinct.length <= 12 ? `${intro} ${distinct.join(", ")}` : undefined;
};
