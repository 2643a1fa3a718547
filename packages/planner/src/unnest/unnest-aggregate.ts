import {
  type AggregateColumn,
  and,
  type Column,
  columnRef,
  constant,
  type Expression,
  isNull,
  type LogicalAggregate,
  type LogicalPlan,
  type Projection,
} from "@headcut/plan";
import { renaming, substitute } from "../traverse/expression.ts";
import { columnsOf, mapExpressions, visitExpressions } from "../traverse/plan.ts";
import type { IdSource } from "../traverse/renumber.ts";
import {
  domainLinks,
  linkColumns,
  passAll,
  represent,
  type Unnested,
  type Unnesting,
  withEqualityLinks,
} from "./unnested.ts";

/** Groups additionally by the columns that say which binding a row belongs to. */
const groupedByLinks = (
  plan: LogicalAggregate,
  unnesting: Unnesting,
): Unnested & { readonly plan: LogicalAggregate } => {
  const own: Expression[] = [];
  visitExpressions(plan, (expression) => own.push(expression));
  const input = represent(unnesting.descend(plan.input), own, unnesting);
  const local = mapExpressions(plan, (expression) => substitute(expression, input.map)) as LogicalAggregate;
  const grouped = withEqualityLinks(input, unnesting);
  const present = new Set(local.groups.map((group) => group.id));
  const keys = linkColumns(grouped).filter((column) => !present.has(column.id));
  return {
    plan: { ...local, input: grouped.plan, groups: [...local.groups, ...passAll(keys)] },
    links: grouped.links,
  };
};

/**
 * An aggregation inside a dependent join's right side. Without groups it makes one row for every binding, also for
 * those no row belongs to: the domain is joined back and counts of nothing are zero.
 */
export const unnestAggregate = (plan: LogicalAggregate, unnesting: Unnesting): Unnested => {
  if (plan.groups.length > 0) return groupedByLinks(plan, unnesting);
  const { aggregate, links, restored } = perBinding(plan, unnesting);
  const domain = unnesting.domain();
  const names = renaming(domain.columns);
  const joined: LogicalPlan = {
    kind: "join",
    joinKind: "left",
    left: domain.plan,
    right: aggregate,
    condition: and(...links.map((link) => substitute(link, names))),
    mark: undefined,
    dependent: false,
  };
  return {
    plan: { kind: "project", input: joined, projections: [...passAll(columnsOf(domain.plan)), ...restored] },
    links: domainLinks(domain),
  };
};

/** An ungrouped aggregation, computed per binding that has rows. */
export interface PerBinding {
  readonly aggregate: LogicalAggregate;
  readonly links: readonly Expression[];
  /** The original's columns, from the aggregate's as an outer join pads them. */
  readonly restored: readonly Projection[];
}

export const perBinding = (plan: LogicalAggregate, unnesting: Unnesting): PerBinding => {
  const { plan: grouped, links } = groupedByLinks(plan, unnesting);
  const aggregates = grouped.aggregates.map((aggregate) => ({ ...aggregate, id: unnesting.ids.next() }));
  return {
    aggregate: { ...grouped, aggregates },
    links,
    restored: aggregates.map((aggregate, i) => restore(plan.aggregates[i]!, aggregate)),
  };
};

/** A padded aggregate: counts of no rows are zero, everything else is NULL as it should be. */
const restore = (original: AggregateColumn, computed: AggregateColumn): Projection => {
  const { name, call } = computed;
  const padded: Column = { id: computed.id, name, type: call.type, nullable: true };
  const ref = columnRef(padded);
  const isCount = call.name === "count" || call.name === "countStar";
  return { id: original.id, name, expression: isCount ? orZero(ref) : ref };
};

const orZero = (count: Expression): Expression => ({
  kind: "case",
  // biome-ignore lint/suspicious/noThenProperty: a branch of the shared expression type.
  branches: [{ when: isNull(count), then: constant(count.type, 0n) }],
  otherwise: { ...count, nullable: false },
  type: count.type,
  nullable: false,
});

/**
 * `LIMIT 1` per binding: the first row in order, as an aggregate. Every column breaks ties the same way, by all of the
 * columns, so that the values come from one row.
 */
export const firstRow = (
  input: Unnested,
  keys: readonly { readonly expression: Expression; readonly descending: boolean; readonly nullsFirst: boolean }[],
  columns: readonly Column[],
  ids: IdSource,
): Unnested => {
  const ties = columns.map((column) => ({ expression: columnRef(column), descending: false, nullsFirst: false }));
  const firsts = columns.map(
    (column): AggregateColumn => ({
      id: ids.next(),
      name: column.name,
      call: {
        name: "first",
        args: [columnRef(column)],
        filter: undefined,
        distinct: false,
        orderBy: [...keys, ...ties],
        type: column.type,
        nullable: column.nullable,
      },
    }),
  );
  const linking = linkColumns(input);
  // The keys get ids of their own, for they may be among the columns that the firsts replace.
  const groups = linking.map((column) => ({ id: ids.next(), name: column.name, expression: columnRef(column) }));
  const renamed = renaming(linking.map((column, i) => [column.id, { ...column, id: groups[i]!.id }] as const));
  const plan: LogicalPlan = {
    kind: "project",
    input: { kind: "aggregate", input: input.plan, groups, aggregates: firsts },
    projections: [
      ...groups.map(({ id, name, expression }) => ({
        id,
        name,
        expression: { ...(expression as ReturnType<typeof columnRef>), id },
      })),
      ...firsts.map((first, i) => ({
        id: columns[i]!.id,
        name: first.name,
        expression: columnRef({ id: first.id, name: first.name, type: first.call.type, nullable: first.call.nullable }),
      })),
    ],
  };
  return { plan, links: input.links.map((link) => substitute(link, renamed)) };
};
