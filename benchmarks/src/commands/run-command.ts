import { type Command, Option } from "commander";
import type { EngineName } from "../engines/engine.ts";
import { runBenchmark } from "../measure/run-benchmark.ts";
import { describeComparison, describeMemory, describeRun } from "../report/describe-run.ts";
import { queryTable } from "../report/query-table.ts";
import { resultPath, writeResult } from "../results/result-files.ts";
import { parseCount, parsePeers, parseSwitch } from "./parse-option.ts";
import { addSetOptions, openSet, type SetFlags } from "./set-options.ts";

interface RunFlags extends SetFlags {
  readonly runs: number;
  readonly against: readonly EngineName[];
  readonly cache: boolean;
  readonly memory?: boolean;
  readonly json?: string;
}

export const addRunCommand = (program: Command): void => {
  addSetOptions(
    program.command("run", { isDefault: true }).description("Time a set of queries beside DuckDB (default)."),
  )
    .addOption(new Option("--runs <n>", "timed runs of each query").argParser(parseCount).default(5))
    .addOption(
      new Option("--against <engines>", "duckdb, duckdb-native, both, or none")
        .argParser(parsePeers)
        .default(["duckdb"], "duckdb"),
    )
    .addOption(
      new Option("--cache <on|off>", "headcut's cache of decoded columns").argParser(parseSwitch).default(false, "off"),
    )
    .option("--memory", "measure each engine's peak memory, in a process of its own")
    .option("--json <file>", "keep the result: a path, or a name in benchmarks/results")
    .action(run);
};

const run = async ({ runs, against, cache, memory = false, json, ...setFlags }: RunFlags): Promise<void> => {
  const set = await openSet(setFlags);
  const engines: EngineName[] = ["headcut", ...against];
  const table = queryTable(engines, Math.max(...set.queries.map(({ name }) => name.length)));
  const { threads } = setFlags;
  const result = await runBenchmark(
    set,
    { engines, threads, cache, runs, memory },
    {
      onStart: (about) => console.log(`${describeRun(about)}\n${describeComparison}\n\n${table.head}`),
      onQuery: (query) => console.log(table.line(query)),
    },
  );
  console.log(table.summary(result));
  if (result.peakBytes !== undefined) console.log(`\n${describeMemory(result.peakBytes)}`);
  if (result.queries.some(({ problem }) => problem !== undefined)) process.exitCode = 1;
  if (json !== undefined) await writeResult(resultPath(json), result);
};
