import { writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Command, CommanderError, Option } from "commander";
import { STORED_SCALE_FACTORS, storedAnswers } from "./answers/stored.ts";
import { parseCount, parsePart, parseQueries, parseScaleFactor } from "./command-options.ts";
import { generate } from "./generate.ts";
import type { Part } from "./output/shards.ts";
import { tableGlobs } from "./output/shards.ts";
import type { CompressionName, FormatName } from "./output/sink.ts";
import { ProgressBar } from "./progress-bar.ts";
import { provideData } from "./runner/data.ts";
import { openDuckDB } from "./runner/duckdb-engine.ts";
import type { OpenEngine } from "./runner/engine.ts";
import { formatReport } from "./runner/report.ts";
import { runQueries } from "./runner/run.ts";

interface GenerateFlags {
  readonly sf: number;
  readonly out: string;
  readonly format: FormatName;
  readonly part?: Part;
  readonly compression: CompressionName;
  readonly threads?: number;
  readonly shards: number;
  readonly force?: boolean;
}

interface RunFlags {
  readonly sf: number;
  readonly data?: string;
  readonly queries: readonly number[];
  readonly runs: number;
  readonly threads?: number;
  readonly memoryLimit?: string;
  readonly tempDirectory?: string;
  readonly seed?: number;
  readonly against?: "duckdb";
  readonly json?: string;
  readonly connect?: string;
  readonly cluster?: number;
  readonly shards?: number;
  /** The seed of what is killed when; true: the usual one. */
  readonly kill?: number | true;
}

/** Files of each large table per node, so that nodes have even parts. */
const SHARDS_PER_NODE = 4;
const USUAL_KILL_SEED = 1;

/** At least so many files of each table; undefined: as the size has it. */
const shardsOf = ({ cluster, shards }: RunFlags): number | undefined =>
  shards ?? (cluster === undefined ? undefined : SHARDS_PER_NODE * cluster);

async function generateData(flags: GenerateFlags, signal: AbortSignal): Promise<void> {
  const bar = new ProgressBar("Generating");
  const { sf, out, shards, force, ...rest } = flags;
  try {
    const { written, skipped } = await generate({
      ...rest,
      scaleFactor: sf,
      directory: out,
      minShards: shards,
      overwrite: force ?? false,
      signal,
      onProgress: bar.update,
    });
    bar.clear();
    process.stdout.write(`${written} files written to ${out}${skipped > 0 ? `, ${skipped} were there` : ""}\n`);
  } finally {
    bar.clear();
  }
}

/** Finds or makes the data; a cluster has its own. */
async function openData(flags: RunFlags, directory: string, signal: AbortSignal): Promise<Record<string, string>> {
  if (flags.connect !== undefined) return tableGlobs(directory);
  const bar = new ProgressBar("Generating");
  const threads = flags.threads === undefined ? {} : { threads: flags.threads };
  const minShards = shardsOf(flags);
  try {
    return await provideData({
      scaleFactor: flags.sf,
      directory,
      signal,
      onProgress: bar.update,
      ...threads,
      ...(minShards !== undefined && { minShards }),
    });
  } finally {
    bar.clear();
  }
}

/** Runs the queries and reports; true when every answer that could be checked is right. */
async function run(flags: RunFlags, open: OpenEngine, signal: AbortSignal): Promise<boolean> {
  const { sf, seed, connect, cluster, memoryLimit, tempDirectory } = flags;
  const kill = flags.kill === true ? USUAL_KILL_SEED : flags.kill;
  if (kill !== undefined && (cluster ?? 0) < 2) throw new Error("--kill needs --cluster with two nodes or more.");
  const minShards = shardsOf(flags);
  const directory = flags.data ?? join(".data", `tpch-sf${sf}${minShards === undefined ? "" : `-shards${minShards}`}`);
  const threads = flags.threads ?? Math.max(1, Math.floor(availableParallelism() / (cluster ?? 1)));
  const tables = await openData(flags, directory, signal);
  const answers = seed === undefined ? await storedAnswers(sf) : undefined;
  if (answers === undefined && flags.against === undefined) {
    const reason =
      seed === undefined
        ? `answers are stored for the scale factors ${STORED_SCALE_FACTORS.join(", ")}`
        : "the parameters are drawn";
    process.stderr.write(`Answers are not checked, since ${reason}: add --against duckdb to check them.\n`);
  }
  const loading = new ProgressBar("Loading");
  const target = {
    ...(memoryLimit !== undefined && { memoryLimit }),
    ...(tempDirectory !== undefined && { tempDirectory }),
    ...(connect !== undefined && { connect }),
    ...(cluster !== undefined && { cluster, onLoad: (fraction: number) => loading.update(fraction, 1) }),
  };
  const duckdb = flags.against === undefined ? undefined : await openDuckDB({ directory, tables, threads });
  const engine = await open({ directory, tables, threads, signal, ...target });
  loading.clear();
  const bar = new ProgressBar("Querying");
  try {
    const report = await runQueries({
      scaleFactor: sf,
      engine,
      queries: flags.queries,
      runs: flags.runs,
      threads,
      signal,
      onQuery: bar.update,
      ...(seed === undefined ? {} : { seed }),
      ...(duckdb === undefined ? {} : { duckdb }),
      ...(answers === undefined ? {} : { answers }),
      ...(kill === undefined ? {} : { kill }),
    });
    bar.clear();
    process.stdout.write(formatReport(report));
    if (flags.json !== undefined) await writeFile(flags.json, `${JSON.stringify(report, null, 2)}\n`);
    return report.queries.every(({ correct }) => correct !== false);
  } finally {
    bar.clear();
    await engine.close();
    await duckdb?.close();
  }
}

/**
 * The command line `headcut tpch`: without a sub-command it runs the queries on the engine that `open` gives.
 *
 * @param argv the arguments after `tpch`.
 * @returns the exit status: 1 when an answer is wrong, a query fails or the data cannot be had.
 */
export async function runTpchCommand(argv: readonly string[], open: OpenEngine): Promise<number> {
  const abort = new AbortController();
  const onInterrupt = () => abort.abort(new Error("Interrupted."));
  let correct = true;

  const sf = () =>
    new Option("--sf <number>", "scale factor, about the size in GB").argParser(parseScaleFactor).default(1);
  const threads = () => new Option("--threads <n>", "threads (default: one for each core)").argParser(parseCount);
  const program = new Command("headcut tpch")
    .description("Run the 22 queries of TPC-H, check the answers and print the times.")
    .addOption(sf())
    .option("--data <dir>", "directory of the data, generated if missing (default: .data/tpch-sf<SF>)")
    .addOption(
      new Option("--queries <list>", "queries to run, such as 1,6,10-12")
        .argParser(parseQueries)
        .default(parseQueries("1-22"), "all"),
    )
    .addOption(
      new Option("--runs <n>", "timed runs of each query, after one to warm up").argParser(parseCount).default(3),
    )
    .addOption(threads())
    .option("--memory-limit <size>", "what a query may use, as 512MB or 2GiB")
    .option("--temp-directory <dir>", "where queries put rows that find no room in memory")
    .addOption(new Option("--seed <n>", "draw the parameters of the queries from a seed").argParser(parseCount))
    .addOption(new Option("--against <peer>", "compare answers and times with another engine").choices(["duckdb"]))
    .option("--connect <url>", "ask a cluster, such as grpc://node:8815")
    .addOption(
      new Option("--cluster <n>", "start n nodes on this machine, and ask them")
        .argParser(parseCount)
        .conflicts("connect"),
    )
    .addOption(new Option("--shards <n>", "files of each table, at least (default: 4 per node)").argParser(parseCount))
    .addOption(
      new Option("--kill [seed]", "run each query once more, and kill a random node meanwhile").argParser(parseCount),
    )
    .option("--json <file>", "write the figures as JSON")
    .exitOverride()
    .action(async (flags: RunFlags) => {
      correct = await run(flags, open, abort.signal);
    });
  program
    .command("generate")
    .description("Generate the tables, bit for bit as dbgen does.")
    .addOption(sf())
    .requiredOption("--out <dir>", "directory to write to; finished files there are kept")
    .addOption(new Option("--format <name>", "file format").choices(["parquet", "tbl"]).default("parquet"))
    .addOption(new Option("--part <i/n>", "generate only the i-th of n parts").argParser(parsePart))
    .addOption(
      new Option("--compression <name>", "of Parquet files").choices(["snappy", "zstd", "none"]).default("snappy"),
    )
    .addOption(threads())
    .addOption(new Option("--shards <n>", "files of each table, at least").argParser(parseCount).default(1))
    .option("--force", "replace other data in the directory")
    .exitOverride()
    // The options that generate shares with the command around it are read there.
    .action(async (_own: GenerateFlags, command: Command) => {
      await generateData(command.optsWithGlobals<GenerateFlags>(), abort.signal);
    });

  process.once("SIGINT", onInterrupt);
  process.once("SIGTERM", onInterrupt);
  try {
    await program.parseAsync(argv, { from: "user" });
    return correct ? 0 : 1;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    process.off("SIGINT", onInterrupt);
    process.off("SIGTERM", onInterrupt);
  }
}
