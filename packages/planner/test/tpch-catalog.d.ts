import type { Table } from "@headcut/plan";
import { type PlannedQuery } from "../src/plan-query.ts";
export declare const tpchTables: readonly Table[];
export declare const tpchQuery: (query: number) => string;
/** Plans a query over the TPC-H tables. */
export declare const planTpch: (sql: string) => PlannedQuery;
