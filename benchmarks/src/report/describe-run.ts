import type { EngineName } from "../engines/engine.ts";
import type { BenchmarkResult } from "../results/result.ts";
import { formatMiB } from "./lay-out.ts";

/** What was measured where, in a few lines above the figures. */
export const describeRun = ({ options, machine, versions, commit }: Omit<BenchmarkResult, "queries">): string =>
  [
    `${options.set}, Parquet written by ${options.writer}, ${options.threads} threads, ${options.runs} runs, cache ${options.cache ? "on" : "off"}`,
    `headcut ${commit}, DuckDB ${versions.duckdb}, Node ${versions.node}`,
    `${machine.cores} × ${machine.cpu}, ${Math.round(machine.memoryBytes / 2 ** 30)} GiB, ${machine.platform}`,
  ].join("\n");

export const describeMemory = (peakBytes: Partial<Record<EngineName, number>>): string =>
  `peak resident memory, each in a process of its own: ${Object.entries(peakBytes)
    .map(([engine, bytes]) => `${engine} ${formatMiB(bytes)} MiB`)
    .join(", ")}`;

export const describeComparison = "times are medians; a ratio is headcut's time divided by the peer's";
