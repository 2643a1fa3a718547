import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import type { DuckDBConnection } from "@duckdb/node-api";
import { answerType } from "./answer-type.ts";
import type { BenchmarkEngine, EngineOptions, SetData } from "./engine.ts";

const loadDuckDB = async (): Promise<typeof import("@duckdb/node-api")> => {
  try {
    return await import("@duckdb/node-api");
  } catch (cause) {
    throw new Error("DuckDB is not installed: npm install brings it as a development dependency.", { cause });
  }
};

export const duckdbVersion = async (): Promise<string> => (await loadDuckDB()).version();

/** A text as an SQL literal. */
export const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Opens a database, in memory or a file's, calls `use` and closes it. */
export const withDuckDB = async <T>(path: string, use: (connection: DuckDBConnection) => Promise<T>): Promise<T> => {
  const { DuckDBInstance } = await loadDuckDB();
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  try {
    return await use(connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
};

/** Copies the Parquet files into a database file, which appears whole or not at all. */
export const makeNativeDatabase = async ({ tables, nativePath }: SetData): Promise<void> => {
  if (existsSync(nativePath)) return;
  const partial = `${nativePath}.partial`;
  for (const leftover of [partial, `${partial}.wal`]) await rm(leftover, { force: true });
  await withDuckDB(partial, async (connection) => {
    for (const [name, glob] of Object.entries(tables)) {
      await connection.run(`CREATE TABLE ${name} AS FROM read_parquet(${quote(glob)})`);
    }
    await connection.run("CHECKPOINT");
  });
  await rename(partial, nativePath);
};

/** DuckDB over the Parquet files or, with `native`, over its own tables. */
export const openDuckDB = async (
  data: SetData,
  { threads }: EngineOptions,
  native: boolean,
): Promise<BenchmarkEngine> => {
  const { DuckDBInstance } = await loadDuckDB();
  if (native) await makeNativeDatabase(data);
  const instance = await DuckDBInstance.create(native ? data.nativePath : ":memory:", {
    threads: String(threads),
    ...(native && { access_mode: "READ_ONLY" }),
  });
  const connection = await instance.connect();
  if (!native) {
    // As we do, DuckDB may keep the footers it has read.
    await connection.run("SET parquet_metadata_cache = true");
    for (const [name, glob] of Object.entries(data.tables)) {
      await connection.run(`CREATE VIEW ${name} AS FROM read_parquet(${quote(glob)})`);
    }
  }
  return {
    name: native ? "duckdb-native" : "duckdb",
    run: async (sql) => {
      const result = await connection.run(sql);
      let rowCount = 0;
      for (const chunk of await result.fetchAllChunks()) rowCount += chunk.rowCount;
      return rowCount;
    },
    answer: async (sql) => {
      const reader = await connection.runAndReadAll(sql);
      const types = reader.columnTypes().map(String);
      const columns = reader.columnNames().map((name, index) => ({ name, type: answerType(types[index]!) }));
      return { columns, rows: reader.getRowsJson() };
    },
    bytesRead: async () => undefined,
    close: async () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
};
