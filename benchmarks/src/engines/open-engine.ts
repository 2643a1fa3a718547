import { openDuckDB } from "./duckdb-engine.ts";
import type { BenchmarkEngine, EngineName, EngineOptions, SetData } from "./engine.ts";
import { openHeadcut } from "./headcut-engine.ts";

export const openEngine = (name: EngineName, data: SetData, options: EngineOptions): Promise<BenchmarkEngine> => {
  switch (name) {
    case "headcut":
      return openHeadcut(data, options);
    case "duckdb":
      return openDuckDB(data, options, false);
    case "duckdb-native":
      return openDuckDB(data, options, true);
  }
};
