import { once } from "node:events";
import { performance } from "node:perf_hooks";
import { text } from "node:stream/consumers";
import { QueryError } from "@headcut/plan";
import { type OutputFormatName, type OutputOptions, parseOutputFormat } from "../output/format.ts";
import { outputFormats, writeFile } from "../output/write.ts";
import type { EngineCommandOptions } from "./command.ts";
import { openConnection } from "./open.ts";
import { withProgress } from "./progress.ts";

interface QueryCommandOptions extends EngineCommandOptions {
  readonly format?: string;
  readonly output?: string;
  readonly maxRows?: number;
}

/** `headcut query`: every statement's result goes to standard output, or the last one's to a file. */
export const runQueryCommand = async (argument: string | undefined, options: QueryCommandOptions): Promise<number> => {
  const sql = argument ?? (await text(process.stdin));
  const format = chosenFormat(options);
  const outputOptions: OutputOptions = options.maxRows === undefined ? {} : { maxRows: options.maxRows };
  const connection = await openConnection(options);
  const abort = new AbortController();
  const interrupt = (): void => abort.abort();
  process.once("SIGINT", interrupt);
  try {
    const start = performance.now();
    const statements = connection.run(sql, undefined, {
      signal: abort.signal,
      ...(options.timeout !== undefined && { timeoutMs: options.timeout * 1000 }),
      onProgress: withProgress(process.stderr),
    });
    for await (const stream of statements) {
      if (options.output !== undefined) await writeFile(options.output, format, stream, outputOptions);
      else await writeStandardOutput(outputFormats[format](stream, outputOptions));
    }
    if (options.timing) process.stderr.write(`${(performance.now() - start).toFixed(1)} ms\n`);
    return 0;
  } catch (cause) {
    if (!(cause instanceof QueryError)) throw cause;
    process.stderr.write(`${cause.describe(sql)}\n`);
    return 1;
  } finally {
    process.off("SIGINT", interrupt);
    await connection.close();
  }
};

const chosenFormat = ({ format, output }: QueryCommandOptions): OutputFormatName => {
  if (format !== undefined) return parseOutputFormat(format);
  const extension = output?.split(".").at(-1)?.toLowerCase();
  if (extension === "csv" || extension === "json" || extension === "ndjson" || extension === "parquet")
    return extension;
  if (extension === "arrow" || extension === "arrows") return "arrow";
  return process.stdout.isTTY && output === undefined ? "table" : "csv";
};

/** A closed pipe (`| head`) ends the output quietly. */
const writeStandardOutput = async (chunks: AsyncIterable<Uint8Array>): Promise<void> => {
  for await (const chunk of chunks) {
    if (process.stdout.destroyed) return;
    if (!process.stdout.write(chunk)) await once(process.stdout, "drain");
  }
};
