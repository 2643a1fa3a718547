import { appendFile, mkdir, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { performance } from "node:perf_hooks";
import { createInterface, type Interface } from "node:readline/promises";
import { QueryError } from "@headcut/plan";
import { isComplete } from "@headcut/planner";
import type { Connection } from "../connection.ts";
import { type OutputFormatName, parseOutputFormat } from "../output/format.ts";
import { outputFormats } from "../output/write.ts";
import type { EngineCommandOptions } from "./command.ts";
import { openConnection } from "./open.ts";

const HISTORY_LINES = 1000;
const PROMPT = "headcut> ";
const CONTINUATION = "    ...> ";
const MAX_TABLE_ROWS = 100;

interface ShellState {
  readonly connection: Connection;
  format: OutputFormatName;
  timing: boolean;
  running: AbortController | undefined;
}

const HELP = `.tables            list the tables
.schema NAME       columns of a table
.mode FORMAT       table, csv, json or ndjson
.timing on|off     print how long each statement took
.read FILE         run the statements of a file
.help              this text
.exit              leave (also Ctrl-D)
Statements end with a semicolon. Ctrl-C cancels the running one.
`;

/** `headcut shell`: lines until a statement is complete, then its result. */
export const runShell = async (options: EngineCommandOptions): Promise<number> => {
  const connection = await openConnection(options);
  const state: ShellState = { connection, format: "table", timing: options.timing ?? true, running: undefined };
  const historyFile = process.env.HEADCUT_HISTORY ?? join(homedir(), ".headcut", "history");
  const lines = createInterface({
    input: process.stdin,
    output: process.stdout,
    history: await readHistory(historyFile),
    historySize: HISTORY_LINES,
    removeHistoryDuplicates: true,
  });
  try {
    await readStatements(lines, state, historyFile);
  } finally {
    lines.close();
    await connection.close();
  }
  return 0;
};

const readStatements = async (lines: Interface, state: ShellState, historyFile: string): Promise<void> => {
  let pending = "";
  const prompt = (): void => {
    lines.setPrompt(pending === "" ? PROMPT : CONTINUATION);
    lines.prompt();
  };
  lines.on("SIGINT", () => {
    if (state.running !== undefined) {
      state.running.abort();
      return;
    }
    pending = "";
    process.stdout.write("\n");
    prompt();
  });
  prompt();
  for await (const line of lines) {
    if (pending === "" && line.trim().startsWith(".")) {
      await remember(historyFile, line);
      if (await runDotCommand(line.trim(), state)) return;
    } else {
      pending += pending === "" ? line : `\n${line}`;
      if (pending.trim() === "") pending = "";
      if (pending !== "" && isComplete(pending)) {
        const sql = pending;
        pending = "";
        await remember(historyFile, sql.replaceAll("\n", " "));
        await runSql(sql, state);
      }
    }
    prompt();
  }
  if (pending.trim() !== "") await runSql(pending, state);
};

const runSql = async (sql: string, state: ShellState): Promise<void> => {
  const abort = new AbortController();
  state.running = abort;
  const start = performance.now();
  try {
    for await (const stream of state.connection.run(sql, undefined, { signal: abort.signal })) {
      for await (const chunk of outputFormats[state.format](stream, { maxRows: MAX_TABLE_ROWS }))
        process.stdout.write(chunk);
    }
    if (state.timing) process.stdout.write(`${(performance.now() - start).toFixed(1)} ms\n`);
  } catch (cause) {
    if (!(cause instanceof QueryError)) throw cause;
    process.stdout.write(`${cause.describe(sql)}\n`);
  } finally {
    state.running = undefined;
  }
};

/** True when the shell should end. */
const runDotCommand = async (line: string, state: ShellState): Promise<boolean> => {
  const [command, ...rest] = line.split(/\s+/);
  const argument = rest.join(" ");
  switch (command) {
    case ".exit":
    case ".quit":
      return true;
    case ".help":
      process.stdout.write(HELP);
      return false;
    case ".tables":
      await runSql("SHOW TABLES", state);
      return false;
    case ".schema":
      await runSql(`DESCRIBE "${argument.replaceAll('"', '""')}"`, state);
      return false;
    case ".timing":
      state.timing = argument !== "off";
      return false;
    case ".mode":
      await reportErrors(async () => {
        state.format = parseOutputFormat(argument);
      });
      return false;
    case ".read":
      await reportErrors(async () => {
        await runSql(await readFile(argument, "utf8"), state);
      });
      return false;
    default:
      process.stdout.write(`unknown command ${command}; .help lists them\n`);
      return false;
  }
};

const reportErrors = async (action: () => Promise<void>): Promise<void> => {
  try {
    await action();
  } catch (cause) {
    process.stdout.write(`${cause instanceof QueryError ? cause.describe() : (cause as Error).message}\n`);
  }
};

/** Newest first, as readline wants it; a missing file is an empty history. */
const readHistory = async (path: string): Promise<string[]> => {
  const text = await readFile(path, "utf8").catch(() => "");
  return text.split("\n").filter(Boolean).slice(-HISTORY_LINES).reverse();
};

/** The history is a convenience: a read-only home must not break the shell. */
const remember = async (path: string, line: string): Promise<void> => {
  try {
    await mkdir(dirname(path), { recursive: true });
    await appendFile(path, `${line}\n`);
  } catch {
    return;
  }
};
