import { performance } from "node:perf_hooks";
import { text } from "node:stream/consumers";
import { QueryError } from "@headcut/plan";
import { type OutputFormatName, type OutputOptions, type OutputRows, parseOutputFormat } from "../output/format.ts";
import { outputFormats } from "../output/formats.ts";
import { writeFile } from "../output/write-file.ts";
import type { RunOptions } from "../statements/statement-context.ts";
import type { EngineCommandOptions } from "./engine-options.ts";
import { formatMillis } from "./format-millis.ts";
import { limitsOf, openConnection } from "./open.ts";
import { createProgressBar, type ProgressBar } from "./progress-bar.ts";
import { OutputClosed, writeStandardOutput } from "./standard-output.ts";

export interface QueryCommandOptions extends EngineCommandOptions {
  readonly format?: string;
  readonly output?: string;
  readonly maxRows?: number;
}

const INTERRUPTED = 130;

/**
 * `headcut query`: every statement's result goes to standard output, or the last one's to a file. Resolves to the exit
 * status: 1 when a statement failed, 130 when Ctrl-C cancelled it.
 */
export const runQueryCommand = async (argument: string | undefined, options: QueryCommandOptions): Promise<number> => {
  const abort = new AbortController();
  const interrupt = (): void => abort.abort();
  // Once: a second Ctrl-C ends the process at once.
  process.once("SIGINT", interrupt);
  const bar = createProgressBar(process.stderr);
  let sql = argument ?? "";
  try {
    const format = chosenFormat(options);
    sql = argument ?? (await text(process.stdin));
    await runStatements(sql, format, options, bar, {
      ...limitsOf(options),
      signal: abort.signal,
      onProgress: bar.report,
    });
    return 0;
  } catch (cause) {
    bar.clear();
    if (cause instanceof OutputClosed) return 0;
    if (!(cause instanceof QueryError)) throw cause;
    process.stderr.write(`${cause.describe(sql)}\n`);
    return abort.signal.aborted ? INTERRUPTED : 1;
  } finally {
    process.off("SIGINT", interrupt);
  }
};

const runStatements = async (
  sql: string,
  format: OutputFormatName,
  options: QueryCommandOptions,
  bar: ProgressBar,
  runOptions: RunOptions,
): Promise<void> => {
  const connection = await openConnection(options);
  const outputOptions: OutputOptions = options.maxRows === undefined ? {} : { maxRows: options.maxRows };
  try {
    let start = performance.now();
    for await (const result of connection.results(sql, undefined, runOptions)) {
      if (result.columns.length > 0) {
        if (options.output !== undefined) await writeFile(options.output, outputFormats[format](result, outputOptions));
        else await print(result, format, outputOptions, bar);
      }
      bar.clear();
      if (options.timing) process.stderr.write(`${formatMillis(performance.now() - start)}\n`);
      start = performance.now();
    }
  } finally {
    await connection.close();
  }
};

const print = async (
  result: OutputRows,
  format: OutputFormatName,
  options: OutputOptions,
  bar: ProgressBar,
): Promise<void> => {
  for await (const chunk of outputFormats[format](result, options)) {
    bar.clear();
    await writeStandardOutput(chunk);
  }
};

const formatOfExtension: Readonly<Record<string, OutputFormatName>> = {
  csv: "csv",
  json: "json",
  ndjson: "ndjson",
  jsonl: "ndjson",
  arrow: "arrow",
  arrows: "arrow",
  parquet: "parquet",
  txt: "table",
};

const chosenFormat = ({ format, output }: QueryCommandOptions): OutputFormatName => {
  if (format !== undefined) return parseOutputFormat(format);
  if (output === undefined) return process.stdout.isTTY ? "table" : "csv";
  return formatOfExtension[/\.(\w+)$/.exec(output)?.[1]?.toLowerCase() ?? ""] ?? "csv";
};
