import { randomUUID } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { QueryError } from "@headcut/plan";
import type { BatchStream } from "../batch-stream.ts";
import { writeArrow } from "./arrow.ts";
import { writeCsv } from "./csv.ts";
import type { OutputFormat, OutputFormatName, OutputOptions } from "./format.ts";
import { writeJson, writeNdjson } from "./json.ts";
import { writeParquet } from "./parquet.ts";
import { writeTable } from "./table.ts";

export const outputFormats: Record<OutputFormatName, OutputFormat> = {
  table: writeTable,
  csv: writeCsv,
  json: writeJson,
  ndjson: writeNdjson,
  arrow: writeArrow,
  parquet: writeParquet,
};

/** Writes the result to `path`, which appears whole or not at all. Errors: QueryError "io". */
export const writeFile = async (
  path: string,
  format: OutputFormatName,
  stream: BatchStream,
  options: OutputOptions,
): Promise<void> => {
  const partial = `${path}.${randomUUID()}.partial`;
  try {
    const file = await open(partial, "wx");
    try {
      for await (const chunk of outputFormats[format](stream, options)) await file.writeFile(chunk);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, path);
  } catch (cause) {
    await rm(partial, { force: true });
    if (cause instanceof Error && "syscall" in cause) {
      throw new QueryError("io", `cannot write ${path}: ${cause.message}`, { cause });
    }
    throw cause;
  }
};
