import { existsSync } from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { basename, dirname, join } from "node:path";
import { driverOf } from "./generator/drivers.ts";
import { prepareDirectory } from "./output/manifest.ts";
import { TEMPORARY_SUFFIX } from "./output/shard-file.ts";
import { writeShards } from "./output/shard-pool.ts";
import { type Part, planShards, type Shard, shardPaths, shardsOfPart } from "./output/shards.ts";
import type { CompressionName, FormatName } from "./output/sink.ts";
import { scaleOf } from "./scale.ts";

export interface GenerateOptions {
  /** 0.001 to 1 in thousandths, or a whole number above. */
  readonly scaleFactor: number;
  readonly directory: string;
  /** Default `parquet`; `tbl` is dbgen's text. */
  readonly format?: FormatName;
  /** Of Parquet files; default `snappy`. */
  readonly compression?: CompressionName;
  /** Generate only this part of the shards: parts may be generated on different machines. */
  readonly part?: Part;
  /** At least this many shards for each table but region and nation, however small it is; default 1. */
  readonly minShards?: number;
  /** Default: one for each core. */
  readonly threads?: number;
  /** Replace other data in the directory. */
  readonly overwrite?: boolean;
  readonly signal?: AbortSignal;
  /** Hears of progress, in rows of all tables, about. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface GenerateResult {
  /** Files written by this run. */
  readonly written: number;
  /** Files that an earlier run had already finished. */
  readonly skipped: number;
}

/** Removes the temporary files that a run cut off has left of these shards. */
async function removeLeftovers(paths: readonly string[]): Promise<void> {
  for (const directory of new Set(paths.map((path) => dirname(path)))) {
    const names = new Set(paths.filter((path) => dirname(path) === directory).map((path) => basename(path)));
    for (const name of await readdir(directory)) {
      const [shardName, suffix] = name.split(TEMPORARY_SUFFIX);
      if (suffix !== undefined && names.has(shardName!)) await rm(join(directory, name), { force: true });
    }
  }
}

function checkPart({ index, count }: Part): void {
  if (!(Number.isInteger(index) && Number.isInteger(count) && index >= 1 && index <= count))
    throw new RangeError(`A part is i/n with 1 ≤ i ≤ n, but it is ${index}/${count}.`);
}

/**
 * Generates the TPC-H tables into `directory/<table>/<table>-00000.parquet` and so on. Shards that are already
 * there are kept, so a run that was cut off can be repeated; a file is there only when it is whole.
 *
 * @throws RangeError for a scale factor or part that does not exist, Error when the directory holds other data,
 *   and the signal's reason when aborted.
 */
export async function generate(options: GenerateOptions): Promise<GenerateResult> {
  const { scaleFactor, directory, signal, onProgress } = options;
  const scale = scaleOf(scaleFactor);
  const part = options.part ?? { index: 1, count: 1 };
  checkPart(part);
  signal?.throwIfAborted();
  const format = options.format ?? "parquet";
  const compression = format === "tbl" ? "none" : (options.compression ?? "snappy");
  const minShards = options.minShards ?? 1;
  await prepareDirectory(directory, { scaleFactor, format, compression, minShards }, options.overwrite ?? false);

  const shards = shardsOfPart(planShards(scale, minShards), part);
  const paths = shards.flatMap((shard) => shardPaths(directory, shard, format));
  for (const path of paths) await mkdir(dirname(path), { recursive: true });
  await removeLeftovers(paths);

  const isFinished = (shard: Shard) => shardPaths(directory, shard, format).every((path) => existsSync(path));
  const missing = shards.filter((shard) => !isFinished(shard));
  const work = (shard: Shard) => (shard.range.end - shard.range.first) * driverOf(shard.driver).weight;
  const total = shards.reduce((sum, shard) => sum + work(shard), 0);
  let done = total - missing.reduce((sum, shard) => sum + work(shard), 0);
  onProgress?.(done, total);

  if (missing.length > 0) {
    const threads = options.threads ?? availableParallelism();
    try {
      await writeShards({ scale, directory, format, compression }, missing, threads, signal, (shard, rowCount) => {
        done += rowCount * driverOf(shard.driver).weight;
        onProgress?.(done, total);
      });
    } catch (error) {
      await removeLeftovers(paths);
      throw error;
    }
  }
  const written = missing.flatMap((shard) => shardPaths(directory, shard, format)).length;
  return { written, skipped: paths.length - written };
}
