import { performance } from "node:perf_hooks";
import { createInterface, type Interface } from "node:readline";
import { QueryError } from "@headcut/plan";
import { isComplete } from "@headcut/planner";
import type { Connection } from "../connection.ts";
import { outputFormats } from "../output/formats.ts";
import type { RunOptions } from "../statements/statement-context.ts";
import type { EngineCommandOptions } from "./engine-options.ts";
import { formatMillis } from "./format-millis.ts";
import { limitsOf, openConnection } from "./open.ts";
import { createProgressBar } from "./progress-bar.ts";
import { runDotCommand } from "./shell-commands.ts";
import { createHistory, HISTORY_LINES, readHistory } from "./shell-history.ts";
import type { Shell } from "./shell-state.ts";
import { OutputClosed, writeStandardOutput } from "./standard-output.ts";

const PROMPT = "headcut> ";
const CONTINUATION = "    ...> ";
const MAX_TABLE_ROWS = 100;

/** `headcut shell`: reads lines until a statement is complete, and prints its result. Resolves to the exit status. */
export const runShell = async (options: EngineCommandOptions): Promise<number> => {
  let connection: Connection;
  try {
    connection = await openConnection(options);
  } catch (cause) {
    if (!(cause instanceof QueryError)) throw cause;
    process.stderr.write(`${cause.describe()}\n`);
    return 1;
  }
  const isTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true;
  const lines = createInterface({
    input: process.stdin,
    ...(isTerminal && { output: process.stdout }),
    terminal: isTerminal,
    history: isTerminal ? await readHistory() : [],
    historySize: HISTORY_LINES,
    removeHistoryDuplicates: true,
  });
  try {
    await readInputs(lines, connection, {
      isTerminal,
      timing: options.timing ?? isTerminal,
      limits: limitsOf(options),
    });
    return 0;
  } catch (cause) {
    if (cause instanceof OutputClosed) return 0;
    throw cause;
  } finally {
    lines.close();
    await connection.close();
  }
};

interface ShellOptions {
  /** Whether to prompt. */
  readonly isTerminal: boolean;
  readonly timing: boolean;
  readonly limits: RunOptions;
}

const readInputs = async (lines: Interface, connection: Connection, options: ShellOptions): Promise<void> => {
  let pending = "";
  let running: AbortController | undefined;
  const history = createHistory(lines);
  const shell: Shell = {
    connection,
    print: writeStandardOutput,
    format: "table",
    timing: options.timing,
    runSql: async (sql) => {
      running = new AbortController();
      try {
        await runSql(sql, shell, { ...options.limits, signal: running.signal });
      } finally {
        running = undefined;
      }
    },
  };
  const prompt = (): void => {
    if (!options.isTerminal) return;
    lines.setPrompt(pending === "" ? PROMPT : CONTINUATION);
    lines.prompt();
  };
  const interrupt = (): void => {
    if (running !== undefined) {
      running.abort();
      return;
    }
    pending = "";
    if (!options.isTerminal) return;
    lines.write(null, { ctrl: true, name: "e" });
    lines.write(null, { ctrl: true, name: "u" });
    process.stdout.write("\n");
    prompt();
  };
  // Ctrl-C reaches readline as a key when it owns the terminal, and the process as a signal otherwise.
  lines.on("SIGINT", interrupt);
  process.on("SIGINT", interrupt);
  try {
    prompt();
    for await (const line of lines) {
      if (pending === "" && line.trim().startsWith(".")) {
        await history.add(line);
        if ((await runDotCommand(line.trim(), shell)) === "exit") return;
      } else {
        pending = pending === "" ? line : `${pending}\n${line}`;
        if (pending.trim() === "") pending = "";
        if (pending !== "" && isComplete(pending)) {
          const sql = pending;
          pending = "";
          await history.add(sql);
          await shell.runSql(sql);
        }
      }
      prompt();
    }
    if (options.isTerminal) await shell.print("\n");
    if (pending.trim() !== "") await shell.runSql(pending);
  } finally {
    process.off("SIGINT", interrupt);
  }
};

const runSql = async (sql: string, shell: Shell, options: RunOptions): Promise<void> => {
  const bar = createProgressBar(process.stderr);
  let start = performance.now();
  try {
    for await (const result of shell.connection.results(sql, undefined, { ...options, onProgress: bar.report })) {
      if (result.columns.length > 0) {
        for await (const chunk of outputFormats[shell.format](result, { maxRows: MAX_TABLE_ROWS })) {
          bar.clear();
          await writeStandardOutput(chunk);
        }
      }
      bar.clear();
      if (shell.timing) await shell.print(`${formatMillis(performance.now() - start)}\n`);
      start = performance.now();
    }
  } catch (cause) {
    bar.clear();
    if (!(cause instanceof QueryError)) throw cause;
    process.stderr.write(`${cause.describe(sql)}\n`);
  }
};
