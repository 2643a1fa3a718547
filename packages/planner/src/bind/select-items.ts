import { type Expression, QueryError, type SourceRange } from "@headcut/plan";
import { printTree } from "../syntax/print-tree.ts";
import { didYouMean } from "../syntax/suggest.ts";
import type * as tree from "../syntax/tree.ts";
import { relationsNamed, type Scope, sameName, starColumns } from "./scope.ts";

/** One output column before it is bound: an expression of the text, or a column that a star stands for. */
export type SelectOutput =
  | { readonly kind: "written"; readonly name: string; readonly node: tree.Expression; readonly alias: boolean }
  | {
      readonly kind: "column";
      readonly name: string;
      readonly expression: Expression;
      /** Where the star stands. */
      readonly range: SourceRange;
    };

/** The select list with its stars spelled out. */
export const expandItems = (items: readonly tree.SelectItem[], scope: Scope): readonly SelectOutput[] =>
  items.flatMap((item): readonly SelectOutput[] => (item.kind === "star" ? expandStar(item, scope) : [written(item)]));

const written = ({ expression, alias }: tree.SelectExpression): SelectOutput => ({
  kind: "written",
  name: alias?.name ?? expressionName(expression),
  node: expression,
  alias: alias !== undefined,
});

/** What a column without alias is called: a column's own name, else the expression as text. */
const expressionName = (node: tree.Expression): string => {
  if (node.kind === "columnName") return node.parts.at(-1)!.name;
  if (node.kind === "call" && node.star) return "count_star()";
  return printTree(node);
};

const expandStar = (star: tree.Star, scope: Scope): readonly SelectOutput[] => {
  const columns = starColumns(starScope(star, scope));
  if (columns.length === 0) {
    throw new QueryError("invalid-argument", "* needs a FROM clause", { range: star.range });
  }
  const known = (name: tree.Identifier): void => {
    if (columns.some((column) => sameName(column.name, name.name))) return;
    const hint = didYouMean(
      name.name,
      columns.map((column) => column.name),
    );
    throw new QueryError("unknown-column", `* has no column ${name.name}`, {
      range: name.range,
      ...(hint && { hint }),
    });
  };
  star.exclude.forEach(known);
  for (const { name } of star.replace) known(name);
  return columns
    .filter((column) => !star.exclude.some((name) => sameName(name.name, column.name)))
    .map(({ name, expression }): SelectOutput => {
      const replacement = star.replace.find((item) => sameName(item.name.name, name));
      return replacement === undefined
        ? { kind: "column", name, expression, range: star.range }
        : { kind: "written", name: replacement.name.name, node: replacement.expression, alias: true };
    });
};

/** The tables of `t.*`; a merged column belongs to neither of its tables there. */
const starScope = (star: tree.Star, scope: Scope): Scope => {
  if (star.qualifier === undefined) return scope;
  const parts = star.qualifier.parts.map((part) => part.name);
  const relations = relationsNamed(scope, parts);
  if (relations.length === 1) return { relations, merged: [] };
  const name = parts.join(".");
  if (relations.length > 1) {
    throw new QueryError("ambiguous-column", `table ${name} is ambiguous`, { range: star.qualifier.range });
  }
  const hint = didYouMean(
    parts.at(-1)!,
    scope.relations.map(({ alias }) => alias),
  );
  throw new QueryError("unknown-table", `there is no table ${name} in FROM`, {
    range: star.qualifier.range,
    ...(hint && { hint }),
  });
};
