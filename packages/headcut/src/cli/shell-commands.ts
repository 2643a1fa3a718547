import { readFile } from "node:fs/promises";
import { QueryError } from "@headcut/plan";
import type { OutputFormatName } from "../output/format.ts";
import type { Shell } from "./shell-state.ts";

const HELP = `.tables            list the tables
.schema NAME       columns of a table
.mode FORMAT       table, csv, json or ndjson
.timing on|off     print how long each statement took
.read FILE         run the statements of a file
.help              this text
.exit              leave (also Ctrl-D)
Statements end with a semicolon. Ctrl-C cancels the running one.
`;

const modes: readonly OutputFormatName[] = ["table", "csv", "json", "ndjson"];

/** Runs a line such as `.tables`. */
export const runDotCommand = async (line: string, shell: Shell): Promise<"exit" | "stay"> => {
  const [command = "", ...words] = line.replace(/;$/, "").split(/\s+/);
  const argument = words.join(" ");
  if (command === ".exit" || command === ".quit") return "exit";
  const run = Object.hasOwn(commands, command) ? commands[command]! : unknown(command);
  try {
    await run(argument, shell);
  } catch (cause) {
    if (!(cause instanceof QueryError)) throw cause;
    process.stderr.write(`${cause.describe()}\n`);
  }
  return "stay";
};

type Command = (argument: string, shell: Shell) => Promise<void>;

const commands: Readonly<Record<string, Command>> = {
  ".help": (_, shell) => shell.print(HELP),
  ".tables": async (_, shell) =>
    shell.print(
      shell.connection
        .tables()
        .map((name) => `${name}\n`)
        .join(""),
    ),
  ".schema": async (name, shell) => {
    const names = name === "" ? shell.connection.tables() : [name];
    for (const table of names) await shell.runSql(`DESCRIBE "${table.replaceAll('"', '""')}"`);
  },
  ".timing": async (argument, shell) => {
    if (argument !== "on" && argument !== "off") throw usage(".timing on, or .timing off");
    shell.timing = argument === "on";
  },
  ".mode": async (argument, shell) => {
    const mode = modes.find((name) => name === argument.toLowerCase());
    if (mode === undefined) throw usage(`.mode ${modes.join("|")}`);
    shell.format = mode;
  },
  ".read": async (path, shell) => {
    const text = await readFile(path, "utf8").catch((cause: Error) => {
      throw new QueryError("io", `cannot read ${path}: ${cause.message}`, { cause });
    });
    await shell.runSql(text);
  },
};

const unknown =
  (command: string): Command =>
  async () => {
    throw new QueryError("invalid-argument", `there is no command ${command}`, { hint: ".help lists them" });
  };

const usage = (text: string): QueryError => new QueryError("invalid-argument", `expected ${text}`);
