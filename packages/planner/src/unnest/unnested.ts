import { and, type Column, type ColumnId, columnRef, type Expression, type LogicalPlan } from "@headcut/plan";
import { mapList, renaming, substitute } from "../traverse/expression.ts";
import { columnsOf, idsOf } from "../traverse/plan.ts";
import type { IdSource } from "../traverse/renumber.ts";
import { asEquality, equalityLink, outerColumnsOf, representations } from "./links.ts";

/**
 * A plan freed from the outer columns it depended on. Under each binding of the outer columns, the rows of `plan` for
 * which every link is TRUE are the rows the original had under that binding. Links are predicates over outer columns
 * and columns of `plan`. All columns of the original are still put out, maybe with others.
 */
export interface Unnested {
  readonly plan: LogicalPlan;
  readonly links: readonly Expression[];
}

/** The distinct bindings of the outer columns, as a plan with columns of its own. */
export interface DomainCopy {
  readonly plan: LogicalPlan;
  /** Per outer column, the copy's. */
  readonly columns: ReadonlyMap<ColumnId, Column>;
}

/** One dependent join being removed, seen from inside its right side. */
export interface Unnesting {
  /** Columns of the dependent join's left side that its right side refers to. */
  readonly outer: ReadonlySet<ColumnId>;
  readonly ids: IdSource;
  /** A fresh copy of the domain; each copy is computed (or read) anew, so only where nothing cheaper does. */
  domain(): DomainCopy;
  /** Frees a plan inside the right side. */
  descend(plan: LogicalPlan): Unnested;
  /** Removes a dependent join nested in the right side which no longer depends on `outer`. */
  removeNested(plan: LogicalPlan): LogicalPlan;
}

/** An unnested plan together with inner expressions for the outer columns that were asked for. */
export interface Represented extends Unnested {
  readonly map: ReadonlyMap<ColumnId, Expression>;
}

/** A plan that contains the domain; `columns` are the domain's, per outer column. */
export interface WithDomain extends Represented {
  readonly columns: ReadonlyMap<ColumnId, Column>;
}

/** Joins the plan with the domain under its links: from then on plain columns say which binding a row belongs to. */
export const withDomain = ({ plan, links }: Unnested, unnesting: Unnesting): WithDomain => {
  const domain = unnesting.domain();
  const map = renaming(domain.columns);
  const condition = and(...links.map((link) => substitute(link, map)));
  return {
    plan: {
      kind: "join",
      joinKind: "inner",
      left: domain.plan,
      right: plan,
      condition,
      mark: undefined,
      dependent: false,
    },
    links: domainLinks(domain),
    map,
    columns: domain.columns,
  };
};

/** The links of a plan that contains the domain's columns. */
export const domainLinks = (domain: DomainCopy): readonly Expression[] =>
  [...domain.columns].map(([id, column]) =>
    equalityLink({ outer: columnRef({ ...column, id }), inner: columnRef(column), nullSafe: true }),
  );

/** Finds inner stand-ins for the outer columns of the expressions: by equality where there is one, else the domain's. */
export const represent = (unnested: Unnested, expressions: readonly Expression[], unnesting: Unnesting): Represented =>
  representColumns(unnested, outerColumnsOf(expressions, unnesting.outer), unnesting);

export const representColumns = (
  unnested: Unnested,
  needed: ReadonlySet<ColumnId>,
  unnesting: Unnesting,
): Represented => {
  const known = representations(unnested.links, unnesting.outer);
  if ([...needed].every((id) => known.has(id))) return { ...unnested, map: known };
  return withDomain(unnested, unnesting);
};

/**
 * The plan with equality links alone, whose inner sides are plain columns of its output: what can pass a grouping.
 * Other links become filters where outer columns have stand-ins, and the domain is joined where they have none.
 */
export const withEqualityLinks = (unnested: Unnested, unnesting: Unnesting): Unnested => {
  const { outer } = unnesting;
  const others = unnested.links.filter((link) => asEquality(link, outer) === undefined);
  if (others.length === 0) return withPlainInnerSides(unnested, unnesting);
  const { plan, links, map } = represent(unnested, others, unnesting);
  const remaining = links.filter((link) => asEquality(link, outer) === undefined).map((link) => substitute(link, map));
  const equalities = links.filter((link) => asEquality(link, outer) !== undefined);
  const filtered: LogicalPlan =
    remaining.length === 0 ? plan : { kind: "filter", input: plan, predicate: and(...remaining) };
  return withPlainInnerSides({ plan: filtered, links: equalities }, unnesting);
};

/** Computes the inner sides of links as columns where they are not columns yet. */
const withPlainInnerSides = ({ plan, links }: Unnested, { outer, ids }: Unnesting): Unnested => {
  const added: { id: ColumnId; name: string; expression: Expression }[] = [];
  const plain = mapList(links, (link) => {
    const equality = asEquality(link, outer)!;
    if (equality.inner.kind === "column") return link;
    const { type, nullable } = equality.inner;
    const column: Column = { id: ids.next(), name: "key", type, nullable };
    added.push({ id: column.id, name: column.name, expression: equality.inner });
    return equalityLink({ ...equality, inner: columnRef(column) });
  });
  if (added.length === 0) return { plan, links };
  return { plan: { kind: "project", input: plan, projections: [...passAll(columnsOf(plan)), ...added] }, links: plain };
};

export const passAll = (columns: readonly Column[]) =>
  columns.map((column) => ({ id: column.id, name: column.name, expression: columnRef(column) }));

/** The columns of the plan that its links refer to. */
export const linkColumns = ({ plan, links }: Unnested): readonly Column[] => {
  const used = outerColumnsOf(links, idsOf(plan));
  return columnsOf(plan).filter((column) => used.has(column.id));
};
