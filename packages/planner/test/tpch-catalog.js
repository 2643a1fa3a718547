import { readFileSync } from "node:fs";
import { queryText, validationParameters } from "@headcut/tpch";
import { bind } from "../src/bind/bind.js";
import { columnIds } from "../src/bind/column-ids.js";
import { planQuery } from "../src/plan-query.js";
import { parseStatement } from "../src/syntax/parse.js";
/** The TPC-H tables at scale factor 1 as the Parquet reader describes them: schema, row counts, statistics. */
const stored = JSON.parse(readFileSync(new URL("./fixtures/tpch-sf1.json", import.meta.url), "utf8"), (_, value) => typeof value === "object" && value !== null && "bigint" in value ? BigInt(value.bigint) : value);
export const tpchTables = Object.entries(stored).map(([name, { rowCount, columns }]) => ({
    name,
    rowCount,
    columns,
    source: { kind: "memory", tableId: 0 },
}));
export const tpchQuery = (query) => queryText(query, validationParameters(query));
/** Plans a query over the TPC-H tables. */
export const planTpch = (sql) => {
    const ids = columnIds();
    const bound = bind(parseStatement(sql), {
        lookupTable: (reference) => reference.kind === "name" ? tpchTables.find((table) => table.name === reference.parts.at(-1)) : undefined,
        tableNames: () => tpchTables.map((table) => table.name),
        parameters: [],
        nowMicros: 0n,
    }, ids);
    return planQuery(bound.plan, bound.names, ids);
};
//# sourceMappingURL=tpch-catalog.js.map