import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import zlib from "node:zlib";
import { type Encoding, parquetReadObjects, type SchemaElement } from "hyparquet";
import { type ColumnSource, parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, describe, expect, it } from "vitest";
import { type Cell, readBack } from "./read-back.ts";

const folder = mkdtempSync(join(tmpdir(), "headcut-hyparquet-"));
afterAll(() => rmSync(folder, { recursive: true }));

const ROWS = 3001;

interface Sample {
  readonly element: Omit<SchemaElement, "name">;
  /** The value as hyparquet-writer takes it, and as we read it. */
  readonly at: (row: number) => readonly [unknown, Cell];
  readonly encodings: readonly Encoding[];
}

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const hex = (data: Uint8Array): string => Buffer.from(data).toString("hex");
const fixed = (row: number, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (row * 31 + i * 7 + (row >> 8)) & 0xff);
const text = (row: number): string => (row % 13 === 0 ? "" : `Ωmega-${"ab".repeat(row % 9)}-${row % 700}`);

const samples: Readonly<Record<string, Sample>> = {
  boolean: { element: { type: "BOOLEAN" }, at: (i) => [i % 3 === 1, i % 3 === 1], encodings: ["PLAIN", "RLE"] },
  int32: {
    element: { type: "INT32" },
    at: (i) => [(i * 715827) | 0, BigInt((i * 715827) | 0)],
    encodings: ["PLAIN", "DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT", "RLE_DICTIONARY"],
  },
  int32extremes: {
    element: { type: "INT32" },
    at: (i) => (i % 2 === 0 ? [-2147483648, -2147483648n] : [2147483647, 2147483647n]),
    encodings: ["PLAIN", "DELTA_BINARY_PACKED", "RLE_DICTIONARY"],
  },
  uint32: {
    element: { type: "INT32", converted_type: "UINT_32" },
    at: (i) => [(i * 1431655) >>> 0, BigInt((i * 1431655) >>> 0)],
    encodings: ["PLAIN", "RLE_DICTIONARY"],
  },
  int8: {
    element: { type: "INT32", converted_type: "INT_8" },
    at: (i) => [(i % 256) - 128, BigInt((i % 256) - 128)],
    encodings: ["PLAIN", "DELTA_BINARY_PACKED", "RLE_DICTIONARY"],
  },
  int64: {
    element: { type: "INT64" },
    at: (i) => [
      BigInt(i) * 3074457345618258n - 4611686018427387904n,
      BigInt(i) * 3074457345618258n - 4611686018427387904n,
    ],
    encodings: ["PLAIN", "DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT", "RLE_DICTIONARY"],
  },
  int64extremes: {
    element: { type: "INT64" },
    at: (i) => (i % 2 === 0 ? [-(2n ** 63n), -(2n ** 63n)] : [2n ** 63n - 1n, 2n ** 63n - 1n]),
    encodings: ["PLAIN", "DELTA_BINARY_PACKED", "RLE_DICTIONARY"],
  },
  float: {
    element: { type: "FLOAT" },
    at: (i) => [Math.fround(i / 3), Math.fround(i / 3)],
    encodings: ["PLAIN", "BYTE_STREAM_SPLIT", "RLE_DICTIONARY"],
  },
  double: {
    element: { type: "DOUBLE" },
    at: (i) => (i % 50 === 0 ? [-0, -0] : [i / 7, i / 7]),
    encodings: ["PLAIN", "BYTE_STREAM_SPLIT", "RLE_DICTIONARY"],
  },
  string: {
    element: { type: "BYTE_ARRAY", converted_type: "UTF8" },
    at: (i) => [text(i), text(i)],
    encodings: ["PLAIN", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY", "RLE_DICTIONARY"],
  },
  sortedString: {
    element: { type: "BYTE_ARRAY", converted_type: "UTF8" },
    at: (i) => [`key-${String(i >> 2).padStart(9, "0")}`, `key-${String(i >> 2).padStart(9, "0")}`],
    encodings: ["PLAIN", "DELTA_BYTE_ARRAY"],
  },
  blob: {
    element: { type: "BYTE_ARRAY" },
    at: (i) => [fixed(i, i % 20), hex(fixed(i, i % 20))],
    encodings: ["PLAIN", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"],
  },
  fixedBlob: {
    element: { type: "FIXED_LEN_BYTE_ARRAY", type_length: 5 },
    at: (i) => [fixed(i, 5), hex(fixed(i, 5))],
    encodings: ["PLAIN", "BYTE_STREAM_SPLIT"],
  },
  uuid: {
    element: { type: "FIXED_LEN_BYTE_ARRAY", type_length: 16, logical_type: { type: "UUID" } },
    at: (i) => [fixed(i, 16), hex(fixed(i, 16))],
    encodings: ["PLAIN", "BYTE_STREAM_SPLIT"],
  },
  interval: {
    element: { type: "FIXED_LEN_BYTE_ARRAY", type_length: 12, converted_type: "INTERVAL" },
    at: (i) => [
      bytes(i & 0xff, 1, 0, 0, 7, i & 0xff, 0, 0, 0, 0, 0, 128),
      `${256 + (i & 0xff)}/${7 + (i & 0xff) * 256}/2147483648000`,
    ],
    encodings: ["PLAIN"],
  },
  wideDecimal: {
    element: { type: "FIXED_LEN_BYTE_ARRAY", type_length: 11, converted_type: "DECIMAL", precision: 20, scale: 2 },
    at: (i) => [BigInt(i - 1500) * 1_000_003n, BigInt(i - 1500) * 1_000_003n],
    encodings: ["PLAIN", "BYTE_STREAM_SPLIT"],
  },
  millis: {
    element: { type: "INT64", logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MILLIS" } },
    at: (i) => [BigInt(i) * 86399999n - 99999999999n, (BigInt(i) * 86399999n - 99999999999n) * 1000n],
    encodings: ["PLAIN", "DELTA_BINARY_PACKED"],
  },
  timeMillis: {
    element: { type: "INT32", converted_type: "TIME_MILLIS" },
    at: (i) => [i * 28000, BigInt(i) * 28000000n],
    encodings: ["PLAIN", "DELTA_BINARY_PACKED"],
  },
};

const compressors = {
  GZIP: (data: Uint8Array) => new Uint8Array(zlib.gzipSync(data)),
  BROTLI: (data: Uint8Array) => new Uint8Array(zlib.brotliCompressSync(data)),
};

const write = (
  name: string,
  source: Partial<ColumnSource>,
  sample: Sample,
  nullEvery: number,
  codec: "SNAPPY" | "UNCOMPRESSED" | "GZIP" | "BROTLI",
): { readonly path: string; readonly expected: Cell[]; readonly buffer: ArrayBuffer } => {
  const isNull = (row: number): boolean => nullEvery > 0 && (row * 7919) % nullEvery === 0;
  const expected = Array.from({ length: ROWS }, (_, row) => (isNull(row) ? null : sample.at(row)[1]));
  const data = Array.from({ length: ROWS }, (_, row) => (isNull(row) ? null : sample.at(row)[0]));
  const buffer = parquetWriteBuffer({
    columnData: [{ name: "x", data, ...source }],
    schema: [
      { name: "root", num_children: 1 },
      { name: "x", repetition_type: nullEvery > 0 ? "OPTIONAL" : "REQUIRED", ...sample.element },
    ],
    codec,
    compressors,
    rowGroupSize: 2000,
    pageSize: 2500,
  });
  const path = join(folder, `${name}.parquet`);
  writeFileSync(path, Buffer.from(buffer));
  return { path, expected, buffer };
};

describe("files that hyparquet-writer writes", () => {
  for (const [name, sample] of Object.entries(samples)) {
    for (const encoding of sample.encodings) {
      for (const nullEvery of [0, 2, 5]) {
        it(`${name}, ${encoding}, ${nullEvery === 0 ? "required" : `NULL every ${nullEvery}`}`, async () => {
          const codec = (["SNAPPY", "UNCOMPRESSED", "GZIP", "BROTLI"] as const)[(nullEvery + encoding.length) % 4]!;
          const { path, expected } = write(
            `${name}-${encoding}-${nullEvery}`,
            { encoding, columnIndex: true },
            sample,
            nullEvery,
            codec,
          );
          const { columns, counters } = await readBack(path);
          expect(columns[0]).toEqual(expected);
          expect(counters.pagesRead).toBeGreaterThan(0);
        });
      }
    }
  }

  it("reads the same as hyparquet, an independent reader", async () => {
    const { path, buffer } = write("peer", { encoding: "DELTA_BYTE_ARRAY" }, samples.string!, 3, "SNAPPY");
    const rows = await parquetReadObjects({ file: buffer });
    const { columns } = await readBack(path);
    expect(columns[0]).toEqual(rows.map((row) => row.x ?? null));
  });

  it("reads some rows of a page-indexed file without the pages of the others", async () => {
    const { path, expected } = write("ranges", { columnIndex: true }, samples.int64!, 4, "SNAPPY");
    const ranges = [
      { start: 3, end: 5 },
      { start: 900, end: 901 },
    ];
    const whole = await readBack(path);
    const some = await readBack(path, {
      ranges: ranges.map(({ start, end }) => ({ start, end: Math.min(end, 1001) })),
    });
    expect(whole.columns[0]).toEqual(expected);
    const inGroup = (first: number): Cell[] => [...expected.slice(first + 3, first + 5), expected[first + 900]!];
    expect(some.columns[0]).toEqual([...inGroup(0), ...inGroup(2000)]);
    expect(some.counters.pagesSkipped).toBeGreaterThan(0);
    expect(some.counters.pagesRead).toBeLessThan(whole.counters.pagesRead);
  });
});
