import { createRequire } from "node:module";
import { QueryError } from "@headcut/plan";
import { Command, CommanderError, InvalidArgumentError } from "commander";

/** Runs the command line; resolves to the exit status: 0 done, 1 a query or answer failed, 2 wrong usage. */
export const runCli = async (argv: readonly string[]): Promise<number> => {
  let status = 0;
  const program = new Command("headcut")
    .description("An analytical SQL engine for Parquet, compiled to WebAssembly.")
    .version(packageVersion())
    .showHelpAfterError()
    .exitOverride();

  engineOptions(program.command("query").description("run SQL and print the result"))
    .argument("[sql]", "statements, separated by semicolons; read from standard input when absent")
    .option(
      "-f, --format <name>",
      "table, csv, json, ndjson, arrow or parquet (default: table on a terminal, else csv)",
    )
    .option("-o, --output <file>", "write the result to a file instead of standard output")
    .option("--max-rows <n>", "rows a table shows", positiveInteger)
    .action(async (sql: string | undefined, options) => {
      const { runQueryCommand } = await import("./query-command.ts");
      status = await runQueryCommand(sql, options);
    });

  engineOptions(program.command("shell").description("an interactive SQL prompt")).action(async (options) => {
    const { runShell } = await import("./shell.ts");
    status = await runShell(options);
  });

  program
    .command("tpch")
    .description("generate TPC-H data, run its 22 queries, check every answer")
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .argument("[arguments...]")
    .action(async (_arguments: string[], _options, command: Command) => {
      const [{ runTpchCommand }, { openTpchEngine }] = await Promise.all([
        import("@headcut/tpch"),
        import("./tpch-engine.ts"),
      ]);
      status = await runTpchCommand(command.args, openTpchEngine);
    });

  try {
    await program.parseAsync([...argv], { from: "user" });
  } catch (cause) {
    if (cause instanceof CommanderError) return cause.exitCode === 0 ? 0 : 2;
    if (!(cause instanceof QueryError)) throw cause;
    process.stderr.write(`${cause.describe()}\n`);
    return 1;
  }
  return status;
};

/** Options of every command that opens an engine. */
export interface EngineCommandOptions {
  readonly data?: string;
  readonly threads?: number;
  readonly memoryLimit?: number;
  readonly timeout?: number;
  readonly timing?: boolean;
}

const engineOptions = (command: Command): Command =>
  command
    .option("-d, --data <dir>", "make every NAME.parquet and NAME/*.parquet in the folder a table")
    .option("-t, --threads <n>", "worker threads (default: all cores)", positiveInteger)
    .option("--memory-limit <size>", "per query, as 512MB or 2GiB", byteSize)
    .option("--timeout <seconds>", "cancel a query that runs longer", positiveNumber)
    .option("--timing", "print how long each statement took, on standard error");

const positiveInteger = (text: string): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value <= 0) throw new InvalidArgumentError("expected a positive whole number");
  return value;
};

const positiveNumber = (text: string): number => {
  const value = Number(text);
  if (!(value > 0) || value === Number.POSITIVE_INFINITY) throw new InvalidArgumentError("expected a positive number");
  return value;
};

const BYTE_UNITS: Record<string, number> = {
  "": 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
};

/** "512MB", "2 GiB", "1000000" → bytes. */
export const byteSize = (text: string): number => {
  const match = /^\s*([\d.]+)\s*([a-z]*)\s*$/i.exec(text);
  const unit = BYTE_UNITS[(match?.[2] ?? "?").toLowerCase()];
  const value = Number(match?.[1]);
  if (unit === undefined || !(value > 0)) throw new InvalidArgumentError("expected a size such as 512MB or 2GiB");
  return Math.floor(value * unit);
};

const packageVersion = (): string => {
  const manifest: { version: string } = createRequire(import.meta.url)("../../package.json");
  return manifest.version;
};
