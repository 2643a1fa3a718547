import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asyncBufferFromFile, parquetMetadataAsync, parquetRead } from "hyparquet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { generate } from "../src/generate.ts";
import { type ColumnDefinition, schema, tableNames } from "../src/schema.ts";

let root: string;
let parquet: string;
let text: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "headcut-tpch-"));
  parquet = join(root, "parquet");
  text = join(root, "text");
  await generate({ scaleFactor: 0.01, directory: parquet });
  await generate({ scaleFactor: 0.01, directory: text, format: "tbl", part: { index: 1, count: 2 } });
  await generate({ scaleFactor: 0.01, directory: text, format: "tbl", part: { index: 2, count: 2 } });
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** A value as hyparquet reads it, in the text form. */
function toText(value: unknown, { name, type }: ColumnDefinition): string {
  if (type === "date") return (value as Date).toISOString().slice(0, 10);
  if (type === "decimal" && name !== "l_quantity") return (value as number).toFixed(2);
  return String(value);
}

const shard = (directory: string, table: string, extension: string) =>
  join(directory, table, `${table}-00000.${extension}`);

describe.each(tableNames)("the Parquet file of %s", (table) => {
  it("holds the rows of the text form", async () => {
    const file = await asyncBufferFromFile(shard(parquet, table, "parquet"));
    const { columns } = schema[table];
    const lines: string[] = [];
    await parquetRead({
      file,
      utf8: true,
      onComplete: (rows) => {
        for (const row of rows as unknown as unknown[][])
          lines.push(`${row.map((value, i) => toText(value, columns[i]!)).join("|")}|\n`);
      },
    });
    expect(lines.join("") === readFileSync(shard(text, table, "tbl"), "utf8")).toBe(true);
  });

  it("has required columns, statistics, page indexes and INT64 decimals", async () => {
    const metadata = await parquetMetadataAsync(await asyncBufferFromFile(shard(parquet, table, "parquet")));
    for (const [i, { name, type, dictionary }] of schema[table].columns.entries()) {
      const element = metadata.schema[i + 1]!;
      expect(element).toMatchObject({ name, repetition_type: "REQUIRED" });
      if (type === "decimal" || type === "bigint") expect(element.type).toBe("INT64");
      const column = metadata.row_groups[0]!.columns[i]!;
      expect(column.column_index_offset).toBeDefined();
      expect(column.offset_index_offset).toBeDefined();
      expect(column.meta_data!.statistics!.min_value).toBeDefined();
      expect(column.meta_data!.codec).toBe("SNAPPY");
      expect(column.meta_data!.encodings.includes("RLE_DICTIONARY")).toBe(dictionary);
    }
  });
});

describe("generate", () => {
  it("keeps finished shards, completes missing ones and removes what a cut-off run left", async () => {
    const orders = shard(parquet, "orders", "parquet");
    const lineitem = shard(parquet, "lineitem", "parquet");
    const before = readFileSync(lineitem);
    const untouched = statSync(shard(parquet, "part", "parquet")).mtimeMs;
    await rm(lineitem);
    writeFileSync(`${lineitem}.tmp-0badf00d`, "half a file");
    const progress: number[] = [];
    const result = await generate({
      scaleFactor: 0.01,
      directory: parquet,
      onProgress: (done, total) => progress.push(done / total),
    });
    expect(result).toEqual({ written: 2, skipped: 6 });
    expect(readFileSync(lineitem).equals(before)).toBe(true);
    expect(existsSync(orders)).toBe(true);
    expect(readdirSync(join(parquet, "lineitem"))).toEqual(["lineitem-00000.parquet"]);
    expect(statSync(shard(parquet, "part", "parquet")).mtimeMs).toBe(untouched);
    expect(progress.at(-1)).toBe(1);
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
    expect(await generate({ scaleFactor: 0.01, directory: parquet })).toEqual({ written: 0, skipped: 8 });
  });

  it("refuses a directory with other data", async () => {
    await expect(generate({ scaleFactor: 0.02, directory: parquet })).rejects.toThrow(
      "holds TPC-H data at scale factor 0.01 as parquet (snappy), not at scale factor 0.02 as parquet (snappy). " +
        "Choose another directory, or overwrite it with --force.",
    );
    await rm(join(text, "tpch.json"));
    await expect(generate({ scaleFactor: 0.01, directory: text })).rejects.toThrow("holds tables without a tpch.json");
  });

  it("overwrites other data when told to", async () => {
    const options = { directory: text, compression: "zstd", minShards: 2, overwrite: true, threads: 1 } as const;
    await generate({ scaleFactor: 0.001, ...options });
    expect(readdirSync(join(text, "orders"))).toEqual(["orders-00000.parquet", "orders-00001.parquet"]);
    const metadata = await parquetMetadataAsync(await asyncBufferFromFile(shard(text, "orders", "parquet")));
    expect(metadata.num_rows).toBe(750n);
    expect(metadata.row_groups[0]!.columns[0]!.meta_data!.codec).toBe("ZSTD");
  });

  it("stops when aborted and leaves no temporary files", async () => {
    const directory = join(root, "aborted");
    const abort = new AbortController();
    const reason = new Error("enough");
    const onProgress = (done: number) => {
      if (done > 0) abort.abort(reason);
    };
    await expect(generate({ scaleFactor: 1, directory, signal: abort.signal, onProgress })).rejects.toBe(reason);
    const files = await readdir(directory, { recursive: true });
    expect(files.filter((name) => name.includes(".tmp-"))).toEqual([]);
  });

  it("refuses parts that do not exist", async () => {
    const part = { index: 3, count: 2 };
    await expect(generate({ scaleFactor: 0.01, directory: parquet, part })).rejects.toThrow("it is 3/2");
  });
});
