import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type GenerateOptions, generate } from "../generate.ts";
import { readManifest } from "../output/manifest.ts";
import { tableGlobs } from "../output/shards.ts";
import { type TableName, tableNames } from "../schema.ts";

/** The tables of a directory that was not generated here: `table/*.parquet` or `table.parquet`. */
async function foundTables(directory: string): Promise<Record<TableName, string> | undefined> {
  const names = new Set(await readdir(directory).catch(() => []));
  const globs = tableGlobs(directory);
  const found = tableNames.map((table) => {
    if (names.has(table)) return [table, globs[table]];
    return names.has(`${table}.parquet`) ? [table, join(directory, `${table}.parquet`)] : undefined;
  });
  return found.includes(undefined) ? undefined : (Object.fromEntries(found as string[][]) as Record<TableName, string>);
}

/**
 * Finds the tables in the directory, generating what is missing. Parquet files made elsewhere are taken as they are, and so are those
 * generated earlier in another number of shards.
 *
 * @throws Error when the directory holds data of another scale factor, or as text.
 */
export async function provideData(
  options: Pick<GenerateOptions, "scaleFactor" | "directory" | "threads" | "minShards" | "signal" | "onProgress">,
): Promise<Record<TableName, string>> {
  const { directory } = options;
  const manifest = await readManifest(directory);
  if (manifest === undefined) {
    const found = await foundTables(directory);
    if (found !== undefined) return found;
  }
  const settings =
    manifest?.format === "parquet" ? { compression: manifest.compression, minShards: manifest.minShards } : {};
  await generate({ ...options, ...settings });
  return tableGlobs(directory);
}
