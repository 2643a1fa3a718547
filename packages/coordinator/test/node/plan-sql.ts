import type { QueryRun } from "@headcut/executor";
import type { PhysicalPlan, Table } from "@headcut/plan";
import { type BoundQuery, bind, columnIds, parse, planQuery } from "@headcut/planner";

export const TPCH_TABLES = ["lineitem", "orders", "customer", "part", "partsupp", "supplier", "nation", "region"];

export interface Planned {
  readonly physical: PhysicalPlan;
  readonly names: readonly string[];
}

export const planSql = (sql: string, known: readonly Table[]): Planned => {
  const ids = columnIds();
  const [statement] = parse(sql);
  const catalog = {
    lookupTable: (reference: { readonly kind: string; readonly parts?: readonly string[] }) =>
      reference.kind === "name" ? known.find(({ name }) => name === reference.parts!.at(-1)) : undefined,
    tableNames: () => known.map(({ name }) => name),
    parameters: [],
    nowMicros: 0n,
  };
  const bound = bind(statement!, catalog, ids) as BoundQuery;
  const { physical } = planQuery(bound.plan, bound.names, ids);
  return { physical, names: bound.names };
};

/** The rows as text, a line each. */
export const linesOf = async (run: QueryRun): Promise<string[]> => {
  const lines: string[] = [];
  for await (const batch of run) {
    for (let row = 0; row < batch.numRows; row++) {
      lines.push(batch.schema.fields.map((_, i) => String(batch.getChildAt(i)!.get(row))).join(" | "));
    }
  }
  return lines;
};
