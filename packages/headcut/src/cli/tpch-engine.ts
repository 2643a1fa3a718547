import type { OpenEngine } from "@headcut/tpch";
import { connect } from "../connect.ts";

/** Headcut as the TPC-H runner sees it. */
export const openTpchEngine: OpenEngine = async ({ tables, threads }) => {
  const connection = await connect(threads === undefined ? {} : { threads });
  for (const [name, glob] of Object.entries(tables)) await connection.register(name, glob);
  return {
    query: async (sql, signal) => {
      const result = await connection.query(sql, undefined, signal === undefined ? {} : { signal });
      return { columns: result.columns.map(({ name }) => name), rows: result.toRows() };
    },
    close: () => connection.close(),
  };
};
