import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";

/** Rows as text: what CAST(x AS VARCHAR) makes of each value; NULL is null. */
export interface TextResult {
  readonly names: readonly string[];
  readonly types: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** DuckDB, the oracle: answers are compared with it as text, value by value. */
export interface Oracle {
  run(sql: string): Promise<void>;
  query(sql: string): Promise<TextResult>;
  close(): void;
}

export const openOracle = async (threads = 2): Promise<Oracle> => {
  const instance = await DuckDBInstance.create(":memory:", { threads: String(threads) });
  const connection: DuckDBConnection = await instance.connect();
  return {
    run: async (sql) => {
      await connection.run(sql);
    },
    query: async (sql) => {
      const described = await connection.runAndReadAll(`DESCRIBE ${sql}`);
      const names = described.getRowsJS().map((row) => String(row[0]));
      const types = described.getRowsJS().map((row) => String(row[1]));
      // Positional aliases, since names may repeat; text, since it is what people see.
      const aliases = names.map((_, index) => `c${index}`);
      const casts = aliases.map((alias) => `CAST(${alias} AS VARCHAR)`).join(", ");
      const read = await connection.runAndReadAll(`SELECT ${casts} FROM (${sql}) AS q(${aliases.join(", ")})`);
      return { names, types, rows: read.getRowsJS() as (string | null)[][] };
    },
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
};
