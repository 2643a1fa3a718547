import { readFileSync } from "node:fs";
import type { Table, TableColumn } from "@headcut/plan";
import { queryText, validationParameters } from "@headcut/tpch";
import { bind } from "../src/bind/bind.ts";
import type { BoundQuery } from "../src/bind/bound-statement.ts";
import { columnIds } from "../src/bind/column-ids.ts";
import { type PlannedQuery, planQuery } from "../src/plan-query.ts";
import { parseStatement } from "../src/syntax/parse.ts";

/** The TPC-H tables at scale factor 1 as the Parquet reader describes them: schema, row counts, statistics. */
const stored: Readonly<Record<string, { rowCount: number; columns: readonly TableColumn[] }>> = JSON.parse(
  readFileSync(new URL("./fixtures/tpch-sf1.json", import.meta.url), "utf8"),
  (_, value: unknown) =>
    typeof value === "object" && value !== null && "bigint" in value ? BigInt(value.bigint as string) : value,
);

export const tpchTables: readonly Table[] = Object.entries(stored).map(([name, { rowCount, columns }]) => ({
  name,
  rowCount,
  columns,
  source: { kind: "memory", tableId: 0 },
}));

export const tpchQuery = (query: number): string => queryText(query, validationParameters(query));

/** The same tables before anything was put into them. */
export const emptyTpchTables: readonly Table[] = tpchTables.map((table) => ({
  ...table,
  rowCount: 0,
  columns: table.columns.map(({ name, type, nullable }) => ({ name, type, nullable })),
}));

/** Plans a query over the TPC-H tables. */
export const planTpch = (sql: string, tables: readonly Table[] = tpchTables): PlannedQuery => {
  const ids = columnIds();
  const bound = bind(
    parseStatement(sql),
    {
      lookupTable: (reference) =>
        reference.kind === "name" ? tables.find((table) => table.name === reference.parts.at(-1)) : undefined,
      tableNames: () => tables.map((table) => table.name),
      parameters: [],
      nowMicros: 0n,
    },
    ids,
  ) as BoundQuery;
  return planQuery(bound.plan, bound.names, ids);
};
