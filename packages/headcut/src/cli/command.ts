import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { manifestFile } from "../assets.ts";
import { addClusterCommands } from "./cluster-commands.ts";
import { type EngineCommandOptions, engineOptions, positiveInteger } from "./engine-options.ts";
import type { QueryCommandOptions } from "./query-command.ts";

/**
 * Runs the command line; resolves to the exit status: 0 done, 1 a statement or answer failed, 2 wrong usage, 130 interrupted.
 * Each command's code is loaded when it is asked for, so that help comes at once.
 */
export const runCli = async (argv: readonly string[]): Promise<number> => {
  let status = 0;
  const program = new Command("headcut")
    .description("An analytical SQL engine for Parquet, compiled to WebAssembly.")
    .version(packageVersion())
    .enablePositionalOptions()
    .showHelpAfterError()
    .exitOverride();

  engineOptions(program.command("query").description("run SQL and print the result"))
    .argument("[sql]", "statements, separated by semicolons; read from standard input when absent")
    .option(
      "-f, --format <name>",
      "table, csv, json, ndjson, arrow or parquet (default: by the file's extension, table on a terminal, else csv)",
    )
    .option("-o, --output <file>", "write the last result to a file instead of standard output")
    .option("--max-rows <n>", "rows a table shows", positiveInteger)
    .action(async (sql: string | undefined, options: QueryCommandOptions) => {
      const { runQueryCommand } = await import("./query-command.ts");
      status = await runQueryCommand(sql, options);
    });

  engineOptions(program.command("shell").description("an interactive SQL prompt")).action(
    async (options: EngineCommandOptions) => {
      const { runShell } = await import("./shell.ts");
      status = await runShell(options);
    },
  );

  addClusterCommands(program, (code) => {
    status = code;
  });

  program
    .command("tpch")
    .description("generate TPC-H data, run its 22 queries, check every answer")
    .helpOption(false)
    .passThroughOptions()
    .allowUnknownOption()
    .argument("[arguments...]")
    .action(async (tpchArguments: string[]) => {
      const [{ runTpchCommand }, { openTpchEngine }] = await Promise.all([
        import("@headcut/tpch"),
        import("./tpch-engine.ts"),
      ]);
      status = await runTpchCommand(tpchArguments, openTpchEngine);
    });

  try {
    await program.parseAsync([...argv], { from: "user" });
  } catch (cause) {
    if (cause instanceof CommanderError) return cause.exitCode === 0 ? 0 : 2;
    throw cause;
  }
  return status;
};

const packageVersion = (): string => {
  const manifest: { version: string } = JSON.parse(readFileSync(manifestFile, "utf8"));
  return manifest.version;
};
