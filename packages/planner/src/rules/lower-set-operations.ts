import {
  type AggregateCall,
  and,
  type Column,
  columnRef,
  compare,
  constant,
  type Expression,
  int8,
  int64,
  type LogicalPlan,
  type LogicalSetOperation,
} from "@headcut/plan";
import { columnsOf, transformPlanUp } from "../traverse/plan.ts";
import type { IdSource } from "../traverse/renumber.ts";
import type { Rule } from "./rule.ts";

/**
 * Says UNION, INTERSECT and EXCEPT in terms of UNION ALL, aggregation, joins and repeat: UNION is DISTINCT over UNION
 * ALL; INTERSECT and EXCEPT keep the distinct left rows that have, or have not, an equal right row, where NULL equals
 * NULL; their ALL forms count equal rows on both sides and repeat one of them.
 */
export const lowerSetOperations: Rule = {
  name: "lower-set-operations",
  apply: (plan, { ids }) =>
    transformPlanUp(plan, (node) => {
      if (node.kind !== "setOperation" || (node.op === "union" && node.all)) return node;
      if (node.op === "union") return distinct({ ...node, all: true }, node.columns);
      return node.all ? byCounting(node, ids) : byJoin(node);
    }),
};

const pass = (column: Column) => ({ id: column.id, name: column.name, expression: columnRef(column) });

const distinct = (input: LogicalPlan, columns: readonly Column[]): LogicalPlan => ({
  kind: "aggregate",
  input,
  groups: columns.map(pass),
  aggregates: [],
});

const byJoin = (node: LogicalSetOperation): LogicalPlan => {
  const left = columnsOf(node.left);
  const right = columnsOf(node.right);
  const same = left.map((column, i) => compare("notDistinct", columnRef(column), columnRef(right[i]!)));
  const joined: LogicalPlan = {
    kind: "join",
    joinKind: node.op === "intersect" ? "semi" : "anti",
    left: distinct(node.left, left),
    right: node.right,
    condition: and(...same),
    mark: undefined,
    dependent: false,
  };
  return renamed(joined, left, node.columns);
};

const renamed = (input: LogicalPlan, from: readonly Column[], to: readonly Column[]): LogicalPlan => ({
  kind: "project",
  input,
  projections: to.map(({ id, name }, i) => ({ id, name, expression: columnRef(from[i]!) })),
});

/** Rows of both sides with the number of their side, grouped: INTERSECT ALL takes the lesser count, EXCEPT ALL the rest. */
const byCounting = (node: LogicalSetOperation, ids: IdSource): LogicalPlan => {
  const side: Column = { id: ids.next(), name: "side", type: int8, nullable: false };
  const rows = node.columns.map((column): Column => ({ ...column, id: ids.next() }));
  const tagged = (input: LogicalPlan, tag: number): LogicalPlan => ({
    kind: "project",
    input,
    projections: [...columnsOf(input).map(pass), { id: ids.next(), name: "side", expression: constant(int8, tag) }],
  });
  const all: LogicalPlan = {
    kind: "setOperation",
    op: "union",
    all: true,
    left: tagged(node.left, 0),
    right: tagged(node.right, 1),
    columns: [...rows, side],
  };
  const countOf = (tag: number): { id: number; name: string; call: AggregateCall } => ({
    id: ids.next(),
    name: tag === 0 ? "lefts" : "rights",
    call: {
      name: "countStar",
      args: [],
      filter: compare("eq", columnRef(side), constant(int8, tag)),
      distinct: false,
      orderBy: [],
      type: int64,
      nullable: false,
    },
  });
  const counts = [countOf(0), countOf(1)] as const;
  const [lefts, rights] = counts.map(({ id, name }) => columnRef({ id, name, type: int64, nullable: false })) as [
    Expression,
    Expression,
  ];
  const count: Expression =
    node.op === "except"
      ? { kind: "arithmetic", op: "sub", left: lefts, right: rights, type: int64, nullable: false }
      : {
          kind: "case",
          // biome-ignore lint/suspicious/noThenProperty: a branch of the shared expression type.
          branches: [{ when: compare("lt", lefts, rights), then: lefts }],
          otherwise: rights,
          type: int64,
          nullable: false,
        };
  const grouped: LogicalPlan = { kind: "aggregate", input: all, groups: rows.map(pass), aggregates: counts };
  return renamed({ kind: "repeat", input: grouped, count }, rows, node.columns);
};
