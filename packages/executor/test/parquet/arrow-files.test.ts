import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as arrow from "apache-arrow";
import { afterAll, describe, expect, it } from "vitest";
import { type Cell, readBack } from "./read-back.ts";

// The Rust implementation, as WebAssembly.
const wasm = createRequire(import.meta.url)("parquet-wasm") as typeof import("parquet-wasm");

const folder = mkdtempSync(join(tmpdir(), "headcut-arrow-"));
afterAll(() => rmSync(folder, { recursive: true }));

const ROWS = 5003;
const at = <T>(value: (row: number) => T, isNull: (row: number) => boolean): (T | null)[] =>
  Array.from({ length: ROWS }, (_, row) => (isNull(row) ? null : value(row)));

const vectors = (isNull: (row: number) => boolean): Record<string, { vector: arrow.Vector; expected: Cell[] }> => {
  const make = <T>(type: arrow.DataType, value: (row: number) => T, cell: (value: T) => Cell) => {
    const values = at(value, isNull);
    const builder = arrow.makeBuilder({ type, nullValues: [null] });
    for (const one of values) builder.append(one as never);
    return {
      vector: builder.finish().toVector() as arrow.Vector,
      expected: values.map((one) => (one === null ? null : cell(one as T))),
    };
  };
  return {
    bool: make(
      new arrow.Bool(),
      (i) => i % 5 < 2,
      (v) => v,
    ),
    i16: make(new arrow.Int16(), (i) => ((i * 13) % 65536) - 32768, BigInt),
    u16: make(new arrow.Uint16(), (i) => (i * 13) % 65536, BigInt),
    i32: make(new arrow.Int32(), (i) => (i * 429497) | 0, BigInt),
    u32: make(new arrow.Uint32(), (i) => (i * 858993) >>> 0, BigInt),
    i64: make(
      new arrow.Int64(),
      (i) => BigInt(i - 2500) * 3686303850625528n,
      (v) => v,
    ),
    u64: make(
      new arrow.Uint64(),
      (i) => 2n ** 64n - 1n - BigInt(i),
      (v) => v,
    ),
    f32: make(
      new arrow.Float32(),
      (i) => Math.fround(i * 0.7),
      (v) => v,
    ),
    f64: make(
      new arrow.Float64(),
      (i) => i * 0.7,
      (v) => v,
    ),
    text: make(
      new arrow.Utf8(),
      (i) => (i % 11 === 0 ? "" : `日本-${i % 300}-${"x".repeat(i % 30)}`),
      (v) => v,
    ),
    data: make(
      new arrow.Binary(),
      (i) => Uint8Array.from({ length: i % 17 }, (_, k) => (i + k) & 0xff),
      (v) => Buffer.from(v).toString("hex"),
    ),
    day: make(
      new arrow.DateDay(),
      (i) => new Date((i - 2500) * 86400000),
      (v) => BigInt(v.getTime() / 86400000),
    ),
  };
};

const { Compression, Encoding, EnabledStatistics, WriterVersion } = wasm;

interface Variant {
  readonly version: 0 | 1;
  readonly compression: number;
  readonly dictionary: boolean;
  readonly encodings?: Readonly<Record<string, number>>;
}

const deltas: Readonly<Record<string, number>> = {
  bool: Encoding.RLE,
  i16: Encoding.DELTA_BINARY_PACKED,
  u16: Encoding.DELTA_BINARY_PACKED,
  i32: Encoding.DELTA_BINARY_PACKED,
  u32: Encoding.DELTA_BINARY_PACKED,
  i64: Encoding.DELTA_BINARY_PACKED,
  u64: Encoding.DELTA_BINARY_PACKED,
  f32: Encoding.BYTE_STREAM_SPLIT,
  f64: Encoding.BYTE_STREAM_SPLIT,
  text: Encoding.DELTA_BYTE_ARRAY,
  data: Encoding.DELTA_LENGTH_BYTE_ARRAY,
};

const variants: Readonly<Record<string, Variant>> = {
  "v1 dictionary snappy": { version: WriterVersion.V1, compression: Compression.SNAPPY, dictionary: true },
  "v2 dictionary zstd": { version: WriterVersion.V2, compression: Compression.ZSTD, dictionary: true },
  "v1 plain lz4_raw": { version: WriterVersion.V1, compression: Compression.LZ4_RAW, dictionary: false },
  "v2 plain gzip": { version: WriterVersion.V2, compression: Compression.GZIP, dictionary: false },
  "v1 plain uncompressed": { version: WriterVersion.V1, compression: Compression.UNCOMPRESSED, dictionary: false },
  "v2 delta brotli": {
    version: WriterVersion.V2,
    compression: Compression.BROTLI,
    dictionary: false,
    encodings: deltas,
  },
  "v1 delta snappy": {
    version: WriterVersion.V1,
    compression: Compression.SNAPPY,
    dictionary: false,
    encodings: deltas,
  },
  "v2 delta lz4": { version: WriterVersion.V2, compression: Compression.LZ4, dictionary: false, encodings: deltas },
};

const nullKinds: Readonly<Record<string, (row: number) => boolean>> = {
  "no NULLs": () => false,
  "scattered NULLs": (row) => (row * 2654435761) % 7 < 2,
  "runs of NULLs": (row) => row % 1500 > 600,
  "only NULLs": () => true,
};

describe("files that the Rust implementation writes", () => {
  for (const [variantName, variant] of Object.entries(variants)) {
    for (const [nullName, isNull] of Object.entries(nullKinds)) {
      it(`${variantName}, ${nullName}`, async () => {
        const columns = vectors(isNull);
        const table = new arrow.Table(
          Object.fromEntries(Object.entries(columns).map(([name, { vector }]) => [name, vector])),
        );
        let builder = new wasm.WriterPropertiesBuilder()
          .setWriterVersion(variant.version)
          .setCompression(variant.compression)
          .setDictionaryEnabled(variant.dictionary)
          .setStatisticsEnabled(EnabledStatistics.Page)
          .setDataPageSizeLimit(3000)
          .setWriteBatchSize(97)
          // Soon full: chunks go on with plain pages.
          .setDictionaryPageSizeLimit(4000)
          .setMaxRowGroupSize(3000);
        for (const [column, encoding] of Object.entries(variant.encodings ?? {}))
          builder = builder.setColumnEncoding(column, encoding);
        const bytes = wasm.writeParquet(wasm.Table.fromIPCStream(arrow.tableToIPC(table, "stream")), builder.build());
        const path = join(folder, `${variantName}-${nullName}.parquet`);
        writeFileSync(path, bytes);
        const read = await readBack(path);
        for (const [index, [name, { expected }]] of Object.entries(columns).entries()) {
          const wrong = expected.findIndex((cell, row) => !Object.is(cell, read.columns[index]![row]));
          if (wrong >= 0) expect.fail(`${name}, row ${wrong}: ${read.columns[index]![wrong]}, not ${expected[wrong]}`);
        }
        expect(read.rowCount).toBe(ROWS);
      });
    }
  }
});
