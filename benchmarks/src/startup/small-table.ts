import { existsSync } from "node:fs";
import { mkdir, rename } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { quote, withDuckDB } from "../engines/duckdb-engine.ts";
import type { SetData } from "../engines/engine.ts";

export const SMALL_TABLE_ROWS = 100;

/** A Parquet file of 100 rows, made if it is missing. */
export const provideSmallTable = async (): Promise<SetData> => {
  const path = resolve(".data/small.parquet");
  if (!existsSync(path)) {
    await mkdir(dirname(path), { recursive: true });
    const partial = `${path}.partial`;
    await withDuckDB(":memory:", (connection) =>
      connection.run(`COPY (
          SELECT CAST(i AS INTEGER) AS id, CAST(i % 7 AS INTEGER) AS kind, 'name ' || i % 10 AS name,
            CAST(i * 1.25 AS DECIMAL(10, 2)) AS price, DATE '2024-01-01' + CAST(i AS INTEGER) AS day, i / 3.0 AS weight
          FROM range(${SMALL_TABLE_ROWS}) AS r(i)
        ) TO ${quote(partial)} (FORMAT parquet)`),
    );
    await rename(partial, path);
  }
  return { tables: { small: path }, nativePath: resolve(".data/small-native.duckdb") };
};
