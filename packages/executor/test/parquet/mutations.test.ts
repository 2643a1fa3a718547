import { mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { QueryError } from "@headcut/plan";
import * as arrow from "apache-arrow";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { queryBlock } from "../../src/layout/context.ts";
import { createHeap, type Heap } from "../../src/memory/heap.ts";
import { duckdb } from "./peers.ts";
import { readBack } from "./read-back.ts";

const wasm = createRequire(import.meta.url)("parquet-wasm") as typeof import("parquet-wasm");
const folder = mkdtempSync(join(tmpdir(), "headcut-mutations-"));
afterAll(() => rmSync(folder, { recursive: true }));

const MUTATIONS_PER_FILE = 300;
const QUERY_LIMIT_BYTES = 64 << 20;
const GUARD_BYTES = 65536;

/** A 32-bit xorshift, so that a failure can be repeated from its seed. */
const randomFrom = (seed: number): ((below: number) => number) => {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
};

/** Changes bytes of [start, end) without moving any. */
const overwrite = (bytes: Uint8Array, start: number, end: number, random: (below: number) => number): void => {
  const at = start + random(end - start);
  const choice = random(3);
  if (choice === 0) bytes[at]! ^= 1 << random(8);
  else if (choice === 1) bytes[at] = [0, 0xff, 0x7f, 0x80, 1][random(5)]!;
  else bytes.fill(random(256), at, Math.min(end, at + 1 + random(8)));
};

/** Cuts out, repeats or truncates. */
const shift = (bytes: Uint8Array, random: (below: number) => number): Uint8Array => {
  const at = random(bytes.length);
  const choice = random(4);
  if (choice === 0) return bytes.slice(0, at);
  if (choice === 1) return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random(16))]);
  if (choice === 2) return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at, at + 64), bytes.subarray(at)]);
  // The middle is lost, the footer is there.
  return Buffer.concat([bytes.subarray(0, at >> 1), bytes.subarray(at)]);
};

/** One to four changes: mostly of pages, some of the footer, some that move bytes. */
const mutate = (original: Uint8Array, random: (below: number) => number): Uint8Array => {
  const bytes = original.slice();
  const footer = bytes.length - 8 - new DataView(bytes.buffer).getUint32(bytes.length - 8, true);
  const kind = random(10);
  if (kind === 0) return shift(bytes, random);
  for (let times = 1 + random(4); times > 0; times--) {
    if (kind < 3) overwrite(bytes, footer, bytes.length, random);
    else overwrite(bytes, 4, footer, random);
  }
  return bytes;
};

const files: Record<string, Uint8Array> = {};

const duckdbFile = async (name: string, select: string, options: string): Promise<void> => {
  const path = join(folder, `${name}.base`);
  await (await duckdb()).run(`COPY (SELECT ${select} FROM range(400) r(i)) TO '${path}' (FORMAT parquet, ${options})`);
  files[name] = Uint8Array.from(readFileSync(path));
};

const rustFile = (name: string, encodings: Readonly<Record<string, number>>, version: number, codec: number): void => {
  const table = new arrow.Table({
    n: arrow.vectorFromArray(
      Array.from({ length: 300 }, (_, i) => (i % 4 === 0 ? null : i * 3)),
      new arrow.Int32(),
    ),
    b: arrow.vectorFromArray(
      Array.from({ length: 300 }, (_, i) => BigInt(i) ** 5n),
      new arrow.Int64(),
    ),
    f: arrow.vectorFromArray(
      Array.from({ length: 300 }, (_, i) => i / 7),
      new arrow.Float64(),
    ),
    s: arrow.vectorFromArray(
      Array.from({ length: 300 }, (_, i) => (i % 9 === 0 ? null : `text ${i >> 2}`)),
      new arrow.Utf8(),
    ),
    t: arrow.vectorFromArray(
      Array.from({ length: 300 }, (_, i) => i % 3 === 0),
      new arrow.Bool(),
    ),
  });
  let builder = new wasm.WriterPropertiesBuilder()
    .setWriterVersion(version)
    .setCompression(codec)
    .setDictionaryEnabled(Object.keys(encodings).length === 0)
    .setDataPageSizeLimit(400)
    .setWriteBatchSize(50)
    .setStatisticsEnabled(wasm.EnabledStatistics.Page);
  for (const [column, encoding] of Object.entries(encodings)) builder = builder.setColumnEncoding(column, encoding);
  files[name] = wasm.writeParquet(wasm.Table.fromIPCStream(arrow.tableToIPC(table, "stream")), builder.build());
};

const numbers =
  "CASE WHEN i % 5 <> 0 THEN i END AS n, i::BIGINT * 1000003 AS b, i / 3.0::DOUBLE AS f, i % 2 = 0 AS t, i::DECIMAL(30,2) AS d";
const strings = "CASE WHEN i % 5 <> 0 THEN 'string ' || i END AS s, ('k' || i % 10) AS k, ('x' || i)::BLOB AS x";

let heap: Heap;
let query: number;
let guards: number[];

beforeAll(async () => {
  for (const codec of ["uncompressed", "snappy", "zstd", "lz4_raw"]) {
    await duckdbFile(`numbers ${codec}`, numbers, `COMPRESSION ${codec}`);
    await duckdbFile(`numbers v2 ${codec}`, numbers, `COMPRESSION ${codec}, PARQUET_VERSION v2`);
    await duckdbFile(`strings ${codec}`, strings, `COMPRESSION ${codec}`);
    await duckdbFile(`strings v2 ${codec}`, strings, `COMPRESSION ${codec}, PARQUET_VERSION v2`);
  }
  await duckdbFile("gzip", `${numbers}, ${strings}`, "COMPRESSION gzip");
  await duckdbFile("brotli", `${numbers}, ${strings}`, "COMPRESSION brotli");
  const { Encoding, Compression } = wasm;
  const deltas = {
    n: Encoding.DELTA_BINARY_PACKED,
    b: Encoding.DELTA_BINARY_PACKED,
    f: Encoding.BYTE_STREAM_SPLIT,
    s: Encoding.DELTA_BYTE_ARRAY,
    t: Encoding.RLE,
  };
  rustFile("dictionary v1", {}, 0, Compression.UNCOMPRESSED);
  rustFile("dictionary v2", {}, 1, Compression.LZ4);
  rustFile("delta v1", deltas, 0, Compression.UNCOMPRESSED);
  rustFile("delta v2", deltas, 1, Compression.SNAPPY);
  rustFile("delta lengths", { ...deltas, s: Encoding.DELTA_LENGTH_BYTE_ARRAY }, 1, Compression.UNCOMPRESSED);

  heap = createHeap(256 << 20);
  const { kernels, memory } = heap;
  query = kernels.slabAllocate(0, queryBlock.bytes) >>> 0;
  memory.bytes.fill(0, query, query + queryBlock.bytes);
  memory.view.setBigUint64(query + queryBlock.limitBytes, BigInt(QUERY_LIMIT_BYTES), true);
  // Every other block of the heap's beginning is a guard, so that slabs lie between them.
  const blocks = Array.from({ length: 256 }, () => kernels.slabAllocate(0, GUARD_BYTES) >>> 0);
  guards = blocks.filter((_, i) => i % 2 === 0);
  for (const guard of guards) memory.bytes.fill(0xa5, guard, guard + GUARD_BYTES);
  for (const block of blocks) if (!guards.includes(block)) kernels.slabFree(0, block);
}, 120_000);

const intact = (): boolean =>
  guards.every((guard) => heap.memory.bytes.subarray(guard, guard + GUARD_BYTES).every((byte) => byte === 0xa5));

const ALLOWED = new Set(["corrupt-file", "unsupported", "out-of-memory"]);

describe("malformed files give an error or a result of the right shape", () => {
  it("from a seed, for each encoding and codec", async () => {
    const tally: Record<string, number> = {};
    const free = heap.kernels.heapFreeBytes();
    let seed = 0;
    for (const [name, original] of Object.entries(files)) {
      for (let i = 0; i < MUTATIONS_PER_FILE; i++) {
        seed++;
        const path = join(folder, `m${seed}.parquet`);
        writeFileSync(path, mutate(original, randomFrom(seed * 2654435761)));
        const started = performance.now();
        let outcome = "read";
        try {
          const { rowCount, columns } = await readBack(path, {
            heap,
            query,
            isFrugal: i % 2 === 1,
            pagesOnDisk: i % 4 === 3,
          });
          for (const column of columns) if (column.length !== rowCount) throw new Error(`${column.length} cells`);
        } catch (error) {
          if (!(error instanceof QueryError) || !ALLOWED.has(error.code))
            throw new Error(`seed ${seed} (${name}): ${(error as Error).stack}`);
          if (error.code === "corrupt-file" && !error.message.startsWith(path))
            throw new Error(`seed ${seed}: no file in "${error.message}"`);
          outcome = error.code;
        }
        if (heap.kernels.heapFreeBytes() !== free) throw new Error(`seed ${seed} (${name}) leaks memory, ${outcome}`);
        tally[outcome] = (tally[outcome] ?? 0) + 1;
        const elapsed = performance.now() - started;
        if (elapsed > 5000) throw new Error(`seed ${seed} (${name}): ${elapsed} ms`);
        unlinkSync(path);
      }
      expect(intact(), `memory overwritten by mutations of ${name}`).toBe(true);
    }
    expect(tally["corrupt-file"]).toBeGreaterThan(1000);
    expect(tally.read).toBeGreaterThan(1000);
    console.info(JSON.stringify(tally));
  }, 300_000);
});
