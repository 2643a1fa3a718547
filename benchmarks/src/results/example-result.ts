import type { BenchmarkResult } from "./result.ts";

/** For tests: a result with the given times of headcut and DuckDB by query. */
export const exampleResult = (
  times: Readonly<Record<string, { readonly headcut?: readonly number[]; readonly duckdb?: readonly number[] }>>,
): BenchmarkResult => ({
  format: 1,
  commit: "0123456789ab",
  machine: { cpu: "Example CPU", cores: 2, memoryBytes: 24 * 2 ** 30, platform: "linux x64" },
  versions: { node: "v20.20.2", duckdb: "v1.5.6" },
  options: { set: "tpch-sf1", threads: 2, runs: 3, cache: false, writer: "headcut", engines: ["headcut", "duckdb"] },
  queries: Object.entries(times).map(([name, ms]) => ({ name, rowCount: 4, checked: true, ms, bytesRead: 1024 })),
});
