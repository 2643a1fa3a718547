import {
  type AggregateCall,
  type AggregateColumn,
  and,
  type Column,
  type ColumnId,
  columnRef,
  compare,
  constant,
  type Expression,
  type LogicalAggregate,
  type LogicalCteScan,
  type LogicalPlan,
  QueryError,
} from "@headcut/plan";
import { expressionKey, renaming, substitute } from "../traverse/expression.ts";
import { columnsOf, mapAggregateCall, transformPlanUp } from "../traverse/plan.ts";
import { type IdSource, renumber } from "../traverse/renumber.ts";
import { readsOneTable } from "../unnest/domain.ts";
import { aggregateRef, comesInParts, splitAggregate } from "./partial-aggregates.ts";
import type { Rule } from "./rule.ts";

/**
 * Replaces DISTINCT inside aggregates: their argument becomes a group key of an aggregation below, which removes the
 * duplicates. Plain aggregates beside them are computed there in part and put together above. Where there are several
 * different DISTINCT arguments, or plain aggregates that do not come in parts, each kind is computed by itself over a
 * shared input and the groups are joined again.
 */
export const expandDistinct: Rule = {
  name: "expand-distinct",
  apply: (plan, { ids }) =>
    transformPlanUp(plan, (node) =>
      node.kind === "aggregate" && node.aggregates.some(({ call }) => call.distinct) ? expand(node, ids) : node,
    ),
};

const expand = (node: LogicalAggregate, ids: IdSource): LogicalPlan => {
  const aggregates = node.aggregates.map(withFilterInArgument);
  const plain = aggregates.filter(({ call }) => !call.distinct);
  const byArgument = new Map<string, AggregateColumn[]>();
  for (const aggregate of aggregates) {
    if (!aggregate.call.distinct) continue;
    const key = expressionKey(aggregate.call.args[0]!);
    const known = byArgument.get(key);
    if (known === undefined) byArgument.set(key, [aggregate]);
    else known.push(aggregate);
  }
  if (byArgument.size === 1 && plain.every(({ call }) => comesInParts(call))) {
    return inTwoSteps({ ...node, aggregates }, ids);
  }
  return byJoiningBranches(node, [...(plain.length > 0 ? [plain] : []), ...byArgument.values()], ids);
};

/** DISTINCT aggregates ignore NULLs, so a row that FILTER leaves out may as well bring NULL. */
const withFilterInArgument = (column: AggregateColumn): AggregateColumn => {
  const { call } = column;
  if (!call.distinct || call.filter === undefined) return column;
  const [value, ...rest] = call.args;
  const chosen: Expression = {
    kind: "case",
    // biome-ignore lint/suspicious/noThenProperty: a branch of the shared expression type.
    branches: [{ when: call.filter, then: value! }],
    otherwise: constant(value!.type, null),
    type: value!.type,
    nullable: true,
  };
  return { ...column, call: { ...call, args: [chosen, ...rest], filter: undefined } };
};

/** Groups by the groups and the DISTINCT argument, then by the groups alone. */
const inTwoSteps = (node: LogicalAggregate, ids: IdSource): LogicalPlan => {
  const argument = node.aggregates.find(({ call }) => call.distinct)!.call.args[0]!;
  const { type, nullable } = argument;
  const key: Column = { id: ids.next(), name: argument.kind === "column" ? argument.name : "value", type, nullable };
  const split = new Map(
    node.aggregates
      .filter(({ call }) => !call.distinct)
      .map((aggregate) => [aggregate, splitAggregate(aggregate, ids)] as const),
  );
  const inner: LogicalAggregate = {
    kind: "aggregate",
    input: node.input,
    groups: [...node.groups, { id: key.id, name: key.name, expression: argument }],
    aggregates: [...split.values()].map(({ part }) => part),
  };
  const outer = node.aggregates.map(
    (aggregate): AggregateColumn =>
      split.get(aggregate)?.whole ?? { ...aggregate, call: overKey(aggregate.call, argument, key) },
  );
  const groups = node.groups.map(({ id, name, expression }) => ({
    id,
    name,
    expression: columnRef({ id, name, type: expression.type, nullable: expression.nullable }),
  }));
  const grouped: LogicalAggregate = { kind: "aggregate", input: inner, groups, aggregates: outer };
  if (outer.every((aggregate, i) => aggregate.id === node.aggregates[i]!.id)) return grouped;
  const results = node.aggregates.map((aggregate, i) => ({
    id: aggregate.id,
    name: aggregate.name,
    expression: split.get(aggregate)?.result ?? aggregateRef(outer[i]!),
  }));
  return { kind: "project", input: grouped, projections: [...groups, ...results] };
};

/** The DISTINCT aggregate over values that are distinct by now. */
const overKey = (call: AggregateCall, argument: Expression, key: Column): AggregateCall => {
  const argumentKey = expressionKey(argument);
  const orderBy = call.orderBy.map((sortKey) => {
    if (expressionKey(sortKey.expression) === argumentKey) return { ...sortKey, expression: columnRef(key) };
    throw new QueryError("unsupported", "ORDER BY in a DISTINCT aggregate must be by the aggregate's argument");
  });
  return { ...call, distinct: false, args: [columnRef(key), ...call.args.slice(1)], orderBy };
};

/** An input that several aggregations read: each reading has columns of its own. */
interface SharedInput {
  read(): { readonly plan: LogicalPlan; readonly columns: ReadonlyMap<ColumnId, Column> };
  around(body: LogicalPlan): LogicalPlan;
}

/** What reads one table is read again, each time with the columns that are used; anything else is computed once. */
const sharedInput = (input: LogicalPlan, ids: IdSource): SharedInput => {
  if (readsOneTable(input)) {
    const read: SharedInput["read"] = () => {
      const copy = renumber(input, ids);
      const made = columnsOf(copy.plan);
      return { plan: copy.plan, columns: new Map(columnsOf(input).map((column, i) => [column.id, made[i]!])) };
    };
    return { read, around: (body) => body };
  }
  const cteId = ids.next();
  const read: SharedInput["read"] = () => {
    const scan: LogicalCteScan = {
      kind: "cteScan",
      cteId,
      name: "distinct",
      columns: columnsOf(input).map((column) => ({ ...column, id: ids.next(), source: column.id })),
    };
    return { plan: scan, columns: new Map(scan.columns.map(({ source, ...column }) => [source, column])) };
  };
  return { read, around: (body) => ({ kind: "with", cteId, name: "distinct", definition: input, body }) };
};

/** One aggregation per list of aggregates, over one input, joined on the groups. */
const byJoiningBranches = (
  node: LogicalAggregate,
  lists: readonly (readonly AggregateColumn[])[],
  ids: IdSource,
): LogicalPlan => {
  const input = sharedInput(node.input, ids);
  const branches = lists.map((aggregates): LogicalAggregate => {
    const { plan, columns } = input.read();
    const names = renaming(columns);
    const local = (expression: Expression): Expression => substitute(expression, names);
    return {
      kind: "aggregate",
      input: plan,
      groups: node.groups.map(({ name, expression }) => ({ id: ids.next(), name, expression: local(expression) })),
      aggregates: aggregates.map((aggregate) => ({ ...aggregate, call: mapAggregateCall(aggregate.call, local) })),
    };
  });
  const [first, ...rest] = branches.map((branch) =>
    branch.aggregates.some(({ call }) => call.distinct) ? inTwoSteps(branch, ids) : branch,
  );
  const keysOf = (i: number): readonly Column[] => columnsOf(branches[i]!).slice(0, node.groups.length);
  const joined = rest.reduce<LogicalPlan>((left, right, i) => {
    const same = keysOf(0).map((key, k) => compare("notDistinct", columnRef(key), columnRef(keysOf(i + 1)[k]!)));
    return {
      kind: "join",
      joinKind: "inner",
      left,
      right,
      condition: and(...same),
      mark: undefined,
      dependent: false,
    };
  }, first!);
  const projections = [
    ...node.groups.map(({ id, name }, k) => ({ id, name, expression: columnRef(keysOf(0)[k]!) })),
    ...node.aggregates.map((aggregate) => ({
      id: aggregate.id,
      name: aggregate.name,
      expression: aggregateRef(aggregate),
    })),
  ];
  return input.around({ kind: "project", input: joined, projections });
};
