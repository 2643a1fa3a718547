import { date, decimal, int32, int64, type LogicalPlan, varchar } from "@headcut/plan";
import { bind } from "../src/bind/bind.ts";
import type { BoundQuery } from "../src/bind/bound-statement.ts";
import { columnIds } from "../src/bind/column-ids.ts";
import { optimize } from "../src/optimize.ts";
import { printLogicalPlan } from "../src/print/print-logical.ts";
import type { Rule } from "../src/rules/rule.ts";
import { parseStatement } from "../src/syntax/parse.ts";
import type { IdSource } from "../src/traverse/renumber.ts";
import { table } from "./build-plan.ts";

const key = (max: number) => ({ min: 1, max, nullCount: 0 });

/** `big` has foreign keys to `mid` and `small`; columns named n… may be NULL. */
const tables = [
  table("big", 1_000_000, {
    id: { type: int64, statistics: { min: 1n, max: 1_000_000n, nullCount: 0 } },
    mid_id: { type: int32, statistics: key(10_000) },
    small_id: { type: int32, statistics: key(100) },
    n: { type: int32, nullable: true, statistics: { min: 0, max: 9, nullCount: 100_000, distinctCount: 10 } },
    price: { type: decimal(15, 2) },
    day: { type: date, statistics: { min: 8000, max: 10_000, nullCount: 0 } },
    tag: { type: varchar, statistics: { distinctCount: 4 } },
  }),
  table("mid", 10_000, {
    mid_id: { type: int32, statistics: key(10_000) },
    small_id: { type: int32, statistics: key(100) },
    n: { type: int32, nullable: true },
    name: { type: varchar },
  }),
  table("small", 100, {
    small_id: { type: int32, statistics: key(100) },
    n: { type: int32, nullable: true },
    name: { type: varchar, statistics: { distinctCount: 100 } },
  }),
];

/** Binds a query over the tables big, mid and small. */
export const bindSql = (
  sql: string,
): { readonly plan: LogicalPlan; readonly ids: IdSource; readonly names: readonly string[] } => {
  const ids = columnIds();
  const bound = bind(
    parseStatement(sql),
    {
      lookupTable: (reference) =>
        reference.kind === "name" ? tables.find(({ name }) => name === reference.parts.at(-1)) : undefined,
      tableNames: () => tables.map(({ name }) => name),
      parameters: [],
      nowMicros: 0n,
    },
    ids,
  ) as BoundQuery;
  return { plan: bound.plan, ids, names: bound.names };
};

export interface Applied {
  /** Whether the last rule changed the plan. */
  readonly changed: boolean;
  /** The plan at the end, as text. */
  readonly text: string;
}

/** Applies rules to a query's plan, verifying each. */
export const applyRules = (sql: string, ...rules: readonly Rule[]): Applied => {
  const { plan, ids } = bindSql(sql);
  const before = optimize(plan, ids, rules.slice(0, -1)).plan;
  const result = optimize(before, ids, rules.slice(-1)).plan;
  return { changed: result !== before, text: `\n${printLogicalPlan(result)}\n` };
};
