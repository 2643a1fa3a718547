import type { AnswerColumn, AnswerType } from "../answers/answer.ts";
import type { Engine, OpenEngineOptions } from "./engine.ts";

/** DuckDB's names of its types, as far as the queries give them. */
function answerType(type: string): AnswerType {
  if (type.startsWith("DECIMAL")) return "decimal";
  if (type === "DOUBLE" || type === "FLOAT") return "double";
  if (type === "DATE") return "date";
  return type.endsWith("INT") || type === "INTEGER" ? "integer" : "text";
}

const WIDE_INTEGERS: ReadonlySet<string> = new Set(["BIGINT", "HUGEINT", "UBIGINT", "UHUGEINT"]);

async function loadDuckDB(): Promise<typeof import("@duckdb/node-api")> {
  try {
    return await import("@duckdb/node-api");
  } catch (error) {
    throw new Error("DuckDB is not installed: run `npm install @duckdb/node-api` to compare with it.", {
      cause: error,
    });
  }
}

/** An engine that also tells the types of its answers. */
export interface DuckDBEngine extends Engine {
  /** The columns of the answer given last. */
  answerColumns(): readonly AnswerColumn[];
  readonly version: string;
}

/** Opens DuckDB over the same Parquet files. */
export async function openDuckDB({ tables, threads }: OpenEngineOptions): Promise<DuckDBEngine> {
  const { DuckDBInstance, version } = await loadDuckDB();
  const instance = await DuckDBInstance.create(":memory:", threads === undefined ? {} : { threads: String(threads) });
  const connection = await instance.connect();
  for (const [name, glob] of Object.entries(tables))
    await connection.run(`CREATE VIEW ${name} AS FROM read_parquet('${glob.replaceAll("'", "''")}')`);
  let lastColumns: readonly AnswerColumn[] = [];
  return {
    version: version(),
    answerColumns: () => lastColumns,
    async query(sql, signal) {
      signal?.throwIfAborted();
      const interrupt = () => connection.interrupt();
      signal?.addEventListener("abort", interrupt, { once: true });
      try {
        const reader = await connection.runAndReadAll(sql);
        const columns = reader.columnNames();
        const types = reader.columnTypes().map(String);
        lastColumns = columns.map((name, i) => ({ name: name.replaceAll(" ", "_"), type: answerType(types[i]!) }));
        const rows = reader
          .getRowsJson()
          .map((row) =>
            row.map((value, i) => (typeof value === "string" && WIDE_INTEGERS.has(types[i]!) ? BigInt(value) : value)),
          );
        return { columns, rows };
      } finally {
        signal?.removeEventListener("abort", interrupt);
      }
    },
    async close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}
