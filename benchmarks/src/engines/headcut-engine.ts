import type { AnswerColumn } from "@headcut/tpch";
import { type Connection, type ConnectOptions, connect, typeName } from "headcut";
import { answerType } from "./answer-type.ts";
import type { BenchmarkEngine, EngineOptions, SetData } from "./engine.ts";

/** With the cache, as much of it as the engine gives by default. */
const connectOptions = ({ threads, cache }: EngineOptions): ConnectOptions =>
  cache ? { threads } : { threads, columnCacheBytes: 0 };

export const openDatabase = async (data: SetData, options: EngineOptions): Promise<Connection> => {
  const db = await connect(connectOptions(options));
  for (const [name, glob] of Object.entries(data.tables)) await db.register(name, glob);
  return db;
};

export const openHeadcut = async (data: SetData, options: EngineOptions): Promise<BenchmarkEngine> => {
  const db = await openDatabase(data, options);
  return {
    name: "headcut",
    run: async (sql) => {
      let rowCount = 0;
      for await (const batch of db.stream(sql)) rowCount += batch.numRows;
      return rowCount;
    },
    answer: async (sql) => {
      const result = await db.query(sql);
      const columns = result.columns.map(
        ({ name, type }): AnswerColumn => ({ name, type: answerType(typeName(type)) }),
      );
      return { columns, rows: result.toRows() };
    },
    bytesRead: async (sql) => {
      const { metrics } = JSON.parse(await db.explain(sql, { analyze: true, format: "json" })) as {
        metrics: { scans: readonly { bytesRead: number }[] };
      };
      return metrics.scans.reduce((bytes, scan) => bytes + scan.bytesRead, 0);
    },
    close: () => db.close(),
  };
};
