import type { OpenEngine } from "@headcut/tpch";
import { connect } from "../connect.ts";

/** Headcut as the TPC-H runner sees it. Throws QueryError. */
export const openTpchEngine: OpenEngine = async ({ tables, threads, connect: address }) => {
  const options = threads === undefined ? {} : { threads };
  const connection = await (address === undefined ? connect(options) : connect(address, options));
  try {
    for (const [name, glob] of Object.entries(tables)) await connection.register(name, glob);
  } catch (cause) {
    await connection.close();
    throw cause;
  }
  return {
    query: async (sql, signal) => {
      const result = await connection.query(sql, undefined, signal === undefined ? {} : { signal });
      return { columns: result.columns.map(({ name }) => name), rows: result.toRows() };
    },
    close: () => connection.close(),
  };
};
