import {
  and,
  type ColumnId,
  columnRef,
  conjuncts,
  type Expression,
  type LogicalFilter,
  type LogicalJoin,
  type LogicalLimit,
  type LogicalPlan,
  type LogicalProject,
  QueryError,
  type SortKey,
} from "@headcut/plan";
import { freeColumns, refersTo, substitute } from "../traverse/expression.ts";
import {
  columnsOf,
  idsOf,
  mapAllExpressions,
  mapExpressions,
  outerColumns,
  transformPlanUp,
} from "../traverse/plan.ts";
import { type IdSource, renumber } from "../traverse/renumber.ts";
import { makesOneRow } from "./domain.ts";
import { firstRow, unnestAggregate } from "./unnest-aggregate.ts";
import { unnestJoin } from "./unnest-join.ts";
import { unnestSetOperation, valuesAsProjections } from "./unnest-set-operation.ts";
import {
  linkColumns,
  passAll,
  represent,
  representColumns,
  type Unnested,
  type Unnesting,
  withDomain,
  withEqualityLinks,
} from "./unnested.ts";

/** Frees a plan from the outer columns it refers to: one case per operator. */
export const unnestPlan = (plan: LogicalPlan, unnesting: Unnesting): Unnested => {
  const { outer } = unnesting;
  if (!intersects(outerColumns(plan), outer)) return { plan: unnesting.removeNested(plan), links: [] };
  switch (plan.kind) {
    case "scan": {
      const bare: LogicalPlan = { ...plan, filters: [] };
      return unnesting.descend({ kind: "filter", input: bare, predicate: and(...plan.filters) });
    }
    case "values":
      return unnesting.descend(valuesAsProjections(plan, unnesting));
    case "filter":
      return unnestFilter(plan, unnesting);
    case "project":
      return unnestProject(plan, unnesting);
    case "join":
      return plan.dependent && intersects(outerColumns(plan.right), idsOf(plan.left))
        ? unnestDependentJoin(plan, unnesting)
        : unnestJoin({ ...plan, dependent: false }, unnesting);
    case "aggregate":
      return unnestAggregate(plan, unnesting);
    case "sort":
      // Rows of a subquery have no order to keep; a sort under a limit is the limit's business.
      return unnesting.descend(plan.input);
    case "limit":
      return unnestLimit(plan, unnesting);
    case "setOperation":
      return unnestSetOperation(plan, unnesting);
    case "with": {
      if (intersects(outerColumns(plan.definition), outer)) {
        return unnesting.descend(inlineCte(plan.body, plan.cteId, plan.definition, unnesting.ids));
      }
      const body = unnesting.descend(plan.body);
      const definition = unnesting.removeNested(plan.definition);
      return { plan: { ...plan, definition, body: body.plan }, links: body.links };
    }
    case "repeat": {
      const input = represent(unnesting.descend(plan.input), [plan.count], unnesting);
      return { plan: { ...plan, input: input.plan, count: substitute(plan.count, input.map) }, links: input.links };
    }
    case "series":
    case "cteScan":
      return { plan, links: [] };
  }
};

const intersects = (a: ReadonlySet<ColumnId>, b: ReadonlySet<ColumnId>): boolean => {
  for (const id of a) if (b.has(id)) return true;
  return false;
};

/** Predicates over outer columns become links and wait for the dependent join's condition. */
const unnestFilter = (plan: LogicalFilter, unnesting: Unnesting): Unnested => {
  const input = unnesting.descend(plan.input);
  const parts = conjuncts(plan.predicate);
  const correlated = parts.filter((part) => refersTo(part, unnesting.outer));
  const local = parts.filter((part) => !refersTo(part, unnesting.outer));
  const filtered: LogicalPlan =
    local.length === 0 ? input.plan : { kind: "filter", input: input.plan, predicate: and(...local) };
  return { plan: filtered, links: [...input.links, ...correlated] };
};

const unnestProject = (plan: LogicalProject, unnesting: Unnesting): Unnested => {
  const own = plan.projections.map((projection) => projection.expression);
  const input = represent(unnesting.descend(plan.input), own, unnesting);
  const local = mapExpressions(plan, (expression) => substitute(expression, input.map)) as LogicalProject;
  const present = new Set(plan.projections.map((projection) => projection.id));
  const keys = linkColumns(input).filter((column) => !present.has(column.id));
  return {
    plan: { ...local, input: input.plan, projections: [...local.projections, ...passAll(keys)] },
    links: input.links,
  };
};

/**
 * A dependent join nested in the right side of another: its left side is freed first and given stand-ins for every
 * outer column its right side asks for, whereupon it depends on its own left side alone and can go like any other.
 */
const unnestDependentJoin = (plan: LogicalJoin, unnesting: Unnesting): Unnested => {
  const { outer } = unnesting;
  const needed = new Set<ColumnId>();
  for (const id of outerColumns(plan.right)) if (outer.has(id)) needed.add(id);
  for (const id of freeColumns(plan.condition)) if (outer.has(id)) needed.add(id);
  const freed = unnesting.descend(plan.left);
  // Only bindings that exist may raise the error of a second match.
  const real = plan.joinKind === "single" && freed.links.length > 0 ? withDomain(freed, unnesting) : freed;
  const left = representColumns(real, needed, unnesting);
  const local = (expression: Expression): Expression => substitute(expression, left.map);
  const independent: LogicalJoin = {
    ...plan,
    left: left.plan,
    right: mapAllExpressions(plan.right, local),
    condition: local(plan.condition),
  };
  return { plan: unnesting.removeNested(independent), links: left.links };
};

const unnestLimit = (plan: LogicalLimit, unnesting: Unnesting): Unnested => {
  const columns = columnsOf(plan);
  if (plan.limit === 0) return { plan: { kind: "values", columns, rows: [] }, links: [] };
  // The order that says which rows come first is made below what computes columns of them.
  if (plan.input.kind === "project") {
    return unnesting.descend({ ...plan.input, input: { ...plan, input: plan.input.input } });
  }
  if (plan.input.kind === "with") {
    return unnesting.descend({ ...plan.input, body: { ...plan, input: plan.input.body } });
  }
  const unlimited = plan.limit === undefined && plan.offset === 0;
  if (unlimited || makesOneRow(plan)) return unnesting.descend(plan.input);
  if (plan.limit !== 1 || plan.offset !== 0) {
    throw new QueryError("unsupported", "LIMIT and OFFSET in a correlated subquery are supported for LIMIT 1 alone", {
      hint: "join with an aggregate (min, max, first) instead, or limit outside of the subquery",
    });
  }
  const keys: readonly SortKey[] = plan.input.kind === "sort" ? plan.input.keys : [];
  const below = plan.input.kind === "sort" ? plan.input.input : plan.input;
  const input = represent(
    unnesting.descend(below),
    keys.map((key) => key.expression),
    unnesting,
  );
  const localKeys = keys.map((key) => ({ ...key, expression: substitute(key.expression, input.map) }));
  return firstRow(withEqualityLinks(input, unnesting), localKeys, columns, unnesting.ids);
};

/** Every scan of the CTE replaced by a copy of its definition. */
export const inlineCte = (body: LogicalPlan, cteId: number, definition: LogicalPlan, ids: IdSource): LogicalPlan =>
  transformPlanUp(body, (node) => {
    if (node.kind !== "cteScan" || node.cteId !== cteId) return node;
    const copy = renumber(definition, ids);
    const projections = node.columns.map(({ source, ...column }) => ({
      id: column.id,
      name: column.name,
      expression: columnRef({ ...column, id: copy.ids.get(source)! }),
    }));
    return { kind: "project", input: copy.plan, projections };
  });
