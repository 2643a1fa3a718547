import type { BenchmarkEngine, EngineName, EngineOptions, SetData } from "./engine.ts";

/** Loads the engine's code and opens it; no other engine's code comes along, whose time and memory would count. */
export const openEngine = async (name: EngineName, data: SetData, options: EngineOptions): Promise<BenchmarkEngine> => {
  if (name === "headcut") {
    const { openHeadcut } = await import("./headcut-engine.ts");
    return openHeadcut(data, options);
  }
  const { openDuckDB } = await import("./duckdb-engine.ts");
  return openDuckDB(data, options, name === "duckdb-native");
};
