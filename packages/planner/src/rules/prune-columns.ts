import type { ColumnId, Expression, LogicalJoin, LogicalPlan } from "@headcut/plan";
import { freeColumns } from "../traverse/expression.ts";
import { columnsOf, idsOf } from "../traverse/plan.ts";
import type { Rule } from "./rule.ts";
import { matchesAtMostOnce } from "./unique-keys.ts";

/**
 * Drops what nobody above asks for: columns of scans, VALUES, CTEs and set operations, projections, aggregates, marks,
 * and outer joins that neither drop nor multiply rows.
 */
export const pruneColumns: Rule = {
  name: "prune-columns",
  apply: (plan) => prune(plan, idsOf(plan), new Map()),
};

type Ids = ReadonlySet<ColumnId>;
/** Per CTE, the columns of its definition that scans read. */
type Sources = Map<number, Set<ColumnId>>;

const plus = (required: Ids, expressions: readonly Expression[]): Ids => {
  const all = new Set(required);
  for (const expression of expressions) for (const id of freeColumns(expression)) all.add(id);
  return all;
};

/** The items whose ids are required; the same array if that is all of them. */
const keep = <T extends { readonly id: ColumnId }>(items: readonly T[], required: Ids): readonly T[] =>
  items.every((item) => required.has(item.id)) ? items : items.filter((item) => required.has(item.id));

const prune = (plan: LogicalPlan, required: Ids, sources: Sources): LogicalPlan => {
  switch (plan.kind) {
    case "scan": {
      const columns = keep(plan.columns, plus(required, plan.filters));
      return columns === plan.columns ? plan : { ...plan, columns };
    }
    case "values": {
      const columns = keep(plan.columns, required);
      if (columns === plan.columns) return plan;
      const kept = columns.map((column) => plan.columns.indexOf(column));
      return { ...plan, columns, rows: plan.rows.map((row) => kept.map((i) => row[i]!)) };
    }
    case "series":
      return plan;
    case "filter": {
      const input = prune(plan.input, plus(required, [plan.predicate]), sources);
      return input === plan.input ? plan : { ...plan, input };
    }
    case "project": {
      const projections = keep(plan.projections, required);
      const needed = plus(
        new Set(),
        projections.map((projection) => projection.expression),
      );
      const input = prune(plan.input, needed, sources);
      return input === plan.input && projections === plan.projections ? plan : { ...plan, input, projections };
    }
    case "join":
      return pruneJoin(plan, required, sources);
    case "aggregate": {
      const aggregates = keep(plan.aggregates, required);
      if (aggregates.length === 0 && plan.groups.length === 0) return { kind: "values", columns: [], rows: [[]] };
      const calls = aggregates.flatMap(({ call }) => [
        ...call.args,
        ...(call.filter === undefined ? [] : [call.filter]),
        ...call.orderBy.map((key) => key.expression),
      ]);
      const needed = plus(new Set(), [...plan.groups.map((group) => group.expression), ...calls]);
      const input = prune(plan.input, needed, sources);
      return input === plan.input && aggregates === plan.aggregates ? plan : { ...plan, input, aggregates };
    }
    case "sort": {
      const keys = plan.keys.map((key) => key.expression);
      const input = prune(plan.input, plus(required, keys), sources);
      return input === plan.input ? plan : { ...plan, input };
    }
    case "limit": {
      const input = prune(plan.input, required, sources);
      return input === plan.input ? plan : { ...plan, input };
    }
    case "repeat": {
      const input = prune(plan.input, plus(required, [plan.count]), sources);
      return input === plan.input ? plan : { ...plan, input };
    }
    case "setOperation":
      return pruneSetOperation(plan, required, sources);
    case "with": {
      // The body first: it says which columns of the definition are read.
      const body = prune(plan.body, required, sources);
      const definition = prune(plan.definition, sources.get(plan.cteId) ?? new Set(), sources);
      return body === plan.body && definition === plan.definition ? plan : { ...plan, body, definition };
    }
    case "cteScan": {
      const columns = keep(plan.columns, required);
      let read = sources.get(plan.cteId);
      if (read === undefined) {
        read = new Set();
        sources.set(plan.cteId, read);
      }
      for (const { source } of columns) read.add(source);
      return columns === plan.columns ? plan : { ...plan, columns };
    }
  }
};

const pruneJoin = (plan: LogicalJoin, required: Ids, sources: Sources): LogicalPlan => {
  if (plan.mark !== undefined && !required.has(plan.mark.id)) return prune(plan.left, required, sources);
  const rightUnused = [...idsOf(plan.right)].every((id) => !required.has(id));
  if (plan.joinKind === "left" && rightUnused && matchesAtMostOnce(plan.condition, plan.right)) {
    return prune(plan.left, required, sources);
  }
  const needed = plus(required, [plan.condition]);
  const left = prune(plan.left, needed, sources);
  const right = prune(plan.right, needed, sources);
  return left === plan.left && right === plan.right ? plan : { ...plan, left, right };
};

/** UNION ALL may lose columns on both sides alike; the others compare whole rows. */
const pruneSetOperation = (
  plan: Extract<LogicalPlan, { kind: "setOperation" }>,
  required: Ids,
  sources: Sources,
): LogicalPlan => {
  const unionAll = plan.op === "union" && plan.all;
  const columns = unionAll ? keep(plan.columns, required) : plan.columns;
  const kept = new Set(columns.map((column) => plan.columns.indexOf(column)));
  const side = (input: LogicalPlan): LogicalPlan => {
    const wanted = columnsOf(input).filter((_, i) => kept.has(i));
    const pruned = prune(input, new Set(wanted.map((column) => column.id)), sources);
    const made = columnsOf(pruned);
    if (made.length === wanted.length && made.every((column, i) => column.id === wanted[i]!.id)) return pruned;
    const projections = wanted.map(({ id, name, type, nullable }) => ({
      id,
      name,
      expression: { kind: "column", id, name, type, nullable } as const,
    }));
    return { kind: "project", input: pruned, projections };
  };
  const left = side(plan.left);
  const right = side(plan.right);
  if (left === plan.left && right === plan.right && columns === plan.columns) return plan;
  return { ...plan, left, right, columns };
};
