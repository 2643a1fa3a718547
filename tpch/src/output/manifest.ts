import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { type TableName, tableNames } from "../schema.ts";
import { ShardFile } from "./shard-file.ts";
import type { CompressionName, FormatName } from "./sink.ts";

/** What a directory of generated data holds; it lies there as `tpch.json`. */
export interface Manifest {
  readonly scaleFactor: number;
  readonly format: FormatName;
  readonly compression: CompressionName;
  /** The number of shards asked for; 1 where the size alone decides. */
  readonly minShards: number;
}

const FILE_NAME = "tpch.json";

/** The directory's manifest, if it has one. */
export async function readManifest(directory: string): Promise<Manifest | undefined> {
  try {
    return JSON.parse(await readFile(join(directory, FILE_NAME), "utf8")) as Manifest;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Error(`${join(directory, FILE_NAME)} cannot be read.`, { cause: error });
  }
}

function describe({ scaleFactor, format, compression, minShards }: Manifest): string {
  const form = `${format}${format === "parquet" ? ` (${compression})` : ""}`;
  return `scale factor ${scaleFactor} as ${form}${minShards > 1 ? ` in at least ${minShards} shards` : ""}`;
}

/**
 * Makes the directory ready for data as `manifest` describes it.
 *
 * @throws Error when it holds other data and `overwrite` is not set; with it, the tables there are deleted.
 */
export async function prepareDirectory(directory: string, manifest: Manifest, overwrite: boolean): Promise<void> {
  await mkdir(directory, { recursive: true });
  const found = await readManifest(directory);
  if (found !== undefined && describe(found) === describe(manifest)) return;
  const tables = (await readdir(directory)).filter((name) => tableNames.includes(name as TableName));
  if ((found !== undefined || tables.length > 0) && !overwrite)
    throw new Error(
      `${directory} holds ${found === undefined ? "tables without a tpch.json" : `TPC-H data at ${describe(found)}`}, ` +
        `not at ${describe(manifest)}. Choose another directory, or overwrite it with --force.`,
    );
  for (const table of tables) await rm(join(directory, table), { recursive: true });
  const file = await ShardFile.create(join(directory, FILE_NAME));
  await file.write(new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`));
  await file.commit();
}
