import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { queryBlock } from "../../src/layout/context.ts";
import {
  BIT_PACKED,
  bool,
  DELTA_BINARY_PACKED,
  DELTA_BYTE_ARRAY,
  type HandMadeColumn,
  type HandMadePage,
  i32,
  RLE,
  RLE_DICTIONARY,
  struct,
  writeHandMade,
} from "./hand-made.ts";
import { duckdbColumns } from "./peers.ts";
import { type Cell, readBack, testHeap } from "./read-back.ts";

const folder = mkdtempSync(join(tmpdir(), "headcut-hand-made-"));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
const write = (rows: number, columns: Readonly<Record<string, HandMadeColumn>>): string => {
  const path = join(folder, `${files++}.parquet`);
  writeHandMade(path, rows, columns);
  return path;
};
const read = async (rows: number, column: HandMadeColumn): Promise<readonly Cell[]> =>
  (await readBack(write(rows, { x: column }))).columns[0]!;
/** What we read, which must be what DuckDB reads. */
const readLikeDuckdb = async (rows: number, column: HandMadeColumn): Promise<readonly Cell[]> => {
  const path = write(rows, { x: column });
  const { columns } = await readBack(path);
  expect(columns).toEqual(await duckdbColumns(`SELECT * FROM '${path}'`));
  return columns[0]!;
};

const INT32 = { 1: i32(1) };
const OPTIONAL = { 3: i32(1) };
const BYTE_ARRAY = { 1: i32(6) };
const fixed = (length: number) => ({ 1: i32(7), 2: i32(length) });
const DECIMAL = (precision: number, scale: number) => ({ 6: i32(5), 7: i32(scale), 8: i32(precision) });
const le = (value: number | bigint, bytes: number): number[] =>
  Array.from({ length: bytes }, (_, i) => Number((BigInt.asUintN(bytes * 8, BigInt(value)) >> BigInt(i * 8)) & 255n));
const be = (value: bigint, bytes: number): number[] => le(value, bytes).reverse();
const plain = (values: number, bytes: readonly number[], more: Partial<HandMadePage> = {}): HandMadePage => ({
  kind: "data",
  values,
  bytes,
  ...more,
});
const byteArray = (bytes: readonly number[]): number[] => [...le(bytes.length, 4), ...bytes];

describe("forms that writers at hand do not write", () => {
  it("INT96 timestamps", async () => {
    const int96 = (nanos: bigint, day: number): number[] => [...le(nanos, 8), ...le(day, 4)];
    const bytes = [int96(0n, 2440588), int96(86399999999999n, 2440587), int96(1500n, 2460000), int96(999n, 2299161)];
    const cells = await readLikeDuckdb(4, { element: { 1: i32(3) }, pages: [plain(4, bytes.flat())] });
    expect(cells.slice(0, 2)).toEqual([0n, -1n]);
  });

  it("half-precision floats", async () => {
    const halves = [0x0000, 0x8000, 0x3c00, 0xc000, 0x0001, 0x03ff, 0x0400, 0x7bff, 0x7c00, 0xfc00, 0x3555];
    const cells = await readLikeDuckdb(halves.length, {
      element: { ...fixed(2), 10: struct({ 15: struct({}) }) },
      pages: [
        plain(
          halves.length,
          halves.flatMap((half) => le(half, 2)),
        ),
      ],
    });
    expect(cells).toEqual([
      0,
      -0,
      1,
      -2,
      2 ** -24,
      1023 * 2 ** -24,
      2 ** -14,
      65504,
      Infinity,
      -Infinity,
      0.333251953125,
    ]);
  });

  it("bit-packed definition levels", async () => {
    // Rows 1, 3 and 9 of 10 are valid; from the highest bit down.
    const page = plain(10, [0b01010000, 0b01000000, ...[7, 8, 9].flatMap((value) => le(value, 4))], {
      levelEncoding: BIT_PACKED,
    });
    expect(await read(10, { element: { ...INT32, ...OPTIONAL }, pages: [page] })).toEqual([
      null,
      7n,
      null,
      8n,
      null,
      null,
      null,
      null,
      null,
      9n,
    ]);
  });

  it("decimals in byte arrays and fixed byte arrays of any length", async () => {
    const values = [0n, -1n, 127n, -128n, 10n ** 17n, -(10n ** 17n)];
    const wide = [0n, -1n, 10n ** 37n, -(10n ** 37n), 2n ** 64n, -(2n ** 64n)];
    const lengths = [0, 1, 1, 1, 8, 12];
    const bytes = values.flatMap((value, i) => byteArray(be(value, lengths[i]!)));
    expect(await read(6, { element: { ...BYTE_ARRAY, ...DECIMAL(18, 2) }, pages: [plain(6, bytes)] })).toEqual(values);
    const wideBytes = wide.flatMap((value, i) => byteArray(be(value, 16 + i)));
    expect(
      await readLikeDuckdb(6, { element: { ...BYTE_ARRAY, ...DECIMAL(38, 5) }, pages: [plain(6, wideBytes)] }),
    ).toEqual(wide);
    for (const length of [8, 9, 16, 20]) {
      const element = { ...fixed(length), ...DECIMAL(18, 0) };
      expect(
        await readLikeDuckdb(6, {
          element,
          pages: [
            plain(
              6,
              values.flatMap((value) => be(value, length)),
            ),
          ],
        }),
      ).toEqual(values);
    }
    const tooLarge = { element: { ...fixed(9), ...DECIMAL(18, 0) }, pages: [plain(1, be(2n ** 63n, 9))] };
    await expect(read(1, tooLarge)).rejects.toMatchObject({ code: "corrupt-file" });
    const far = { element: { ...BYTE_ARRAY, ...DECIMAL(38, 0) }, pages: [plain(1, byteArray(be(2n ** 127n, 17)))] };
    await expect(read(1, far)).rejects.toMatchObject({ code: "corrupt-file" });
  });

  it("timestamps and times in nanoseconds", async () => {
    const nanos = struct({ 3: struct({}) });
    const stamp = (utc: boolean) => ({ 1: i32(2), 10: struct({ 8: struct({ 1: bool(utc), 2: nanos }) }) });
    const values = [0n, 1n, -1n, 1600000000123456789n];
    const pages = [
      plain(
        4,
        values.flatMap((value) => le(value, 8)),
      ),
    ];
    expect(await readLikeDuckdb(4, { element: stamp(false), pages })).toEqual(values);
    expect(await read(4, { element: stamp(true), pages })).toEqual(values);
    const clock = { 1: i32(2), 10: struct({ 7: struct({ 1: bool(false), 2: nanos }) }) };
    expect(await read(4, { element: clock, pages })).toEqual(values);
  });

  it("columns that are all NULL by their type", async () => {
    const levels = [2, 0, 0, 0, 6, 0];
    const element = { ...INT32, ...OPTIONAL, 10: struct({ 11: struct({}) }) };
    expect(await read(3, { element, pages: [plain(3, levels)] })).toEqual([null, null, null]);
  });

  it("dictionaries of one value and of none", async () => {
    const dictionary = (values: number[]): HandMadePage => ({
      kind: "dictionary",
      values: values.length,
      bytes: values.flatMap((value) => le(value, 4)),
    });
    const codes = (values: number, bytes: readonly number[]): HandMadePage =>
      plain(values, bytes, { encoding: RLE_DICTIONARY });
    expect(await read(3, { element: INT32, pages: [dictionary([42]), codes(3, [0])] })).toEqual([42n, 42n, 42n]);
    expect(await readLikeDuckdb(3, { element: INT32, pages: [dictionary([42]), codes(3, [0, 6])] })).toEqual([
      42n,
      42n,
      42n,
    ]);
    const optional = { ...INT32, ...OPTIONAL };
    expect(await read(3, { element: optional, pages: [dictionary([]), codes(3, [2, 0, 0, 0, 6, 0])] })).toEqual([
      null,
      null,
      null,
    ]);
    const wide = { element: INT32, pages: [dictionary([5, 6]), codes(2, [32, 4, ...le(1, 4)])] };
    expect(await readLikeDuckdb(2, wide)).toEqual([6n, 6n]);
  });

  it("DELTA_BYTE_ARRAY of fixed length", async () => {
    const delta = (values: readonly number[]): number[] => {
      const minimum = 0;
      const deltas = values.slice(1).map((value, i) => value - values[i]!);
      const least = Math.min(minimum, ...deltas);
      return [
        128,
        1,
        4,
        values.length,
        values[0]! * 2,
        least < 0 ? -least * 2 - 1 : least * 2,
        8,
        0,
        0,
        0,
        ...deltas.map((one) => one - least),
        ...new Array<number>(32 - deltas.length).fill(0),
      ];
    };
    const bytes = [...delta([0, 2, 3, 0]), ...delta([3, 1, 0, 3]), ...Buffer.from("abcdxyz")];
    const hex = ["abc", "abd", "abd", "xyz"].map((value) => Buffer.from(value).toString("hex"));
    expect(
      await readLikeDuckdb(4, { element: fixed(3), pages: [plain(4, bytes, { encoding: DELTA_BYTE_ARRAY })] }),
    ).toEqual(hex);
  });

  it("pages of all kinds in one chunk", async () => {
    const pages: HandMadePage[] = [
      { kind: "dictionary", values: 2, bytes: [...le(100, 4), ...le(200, 4)] },
      plain(2, [1, 4, 1], { encoding: RLE_DICTIONARY }),
      plain(
        3,
        [1, 2, 3].flatMap((value) => le(value, 4)),
      ),
      { kind: "dataV2", values: 2, encoding: RLE_DICTIONARY, bytes: [1, 4, 0] },
      plain(0, []),
      { kind: "dataV2", values: 1, bytes: le(9, 4) },
    ];
    expect(await read(8, { element: INT32, pages })).toEqual([200n, 200n, 1n, 2n, 3n, 100n, 100n, 9n]);
  });

  it("integers of 8 and 16 bits whose words hold more", async () => {
    const pages = [
      plain(
        3,
        [300, -1, 128].flatMap((value) => le(value, 4)),
      ),
    ];
    expect(await read(3, { element: { ...INT32, 6: i32(15) }, pages })).toEqual([44n, -1n, -128n]);
    expect(await read(3, { element: { ...INT32, 6: i32(11) }, pages })).toEqual([44n, 255n, 128n]);
  });

  it("LZ4 in Hadoop's frames", async () => {
    const lz4 = (literals: readonly number[]): number[] => [literals.length << 4, ...literals];
    const frame = (literals: readonly number[]): number[] => {
      const block = lz4(literals);
      return [...le(literals.length, 4).reverse(), ...le(block.length, 4).reverse(), ...block];
    };
    const bytes = [...frame(le(7, 4)), ...frame([...le(8, 4), ...le(9, 4)])];
    expect(await read(3, { element: INT32, codec: 5, pages: [plain(3, bytes, { uncompressedSize: 12 })] })).toEqual([
      7n,
      8n,
      9n,
    ]);
  });
});

describe("lies", () => {
  const refuse = async (rows: number, column: HandMadeColumn, message: string): Promise<void> => {
    await expect(read(rows, column)).rejects.toMatchObject({
      code: "corrupt-file",
      message: expect.stringContaining(message),
    });
  };

  it("are refused, naming row group, column and offset", async () => {
    const column = { element: INT32, pages: [plain(1, [1, 2, 3])] };
    await refuse(1, column, '(row group 0, column "x", byte offset 4)');
  });

  it("about sizes", async () => {
    await refuse(
      1,
      { element: INT32, pages: [plain(1, le(1, 4), { compressedSize: 2 ** 31 - 1 })] },
      "page of 2147483647 bytes",
    );
    const chunk = { 6: { kind: "i64", value: 100 } } as const;
    await refuse(
      1,
      { element: INT32, codec: 1, chunk, pages: [plain(1, le(1, 4), { uncompressedSize: 2 ** 31 - 1 })] },
      "uncompressed bytes",
    );
    await refuse(1, { element: INT32, pages: [plain(1, le(1, 4), { uncompressedSize: 5 })] }, "claims 5");
    await refuse(1, { element: INT32, pages: [plain(1, le(1, 4), { compressedSize: -1 })] }, "negative");
    await refuse(3, { element: INT32, pages: [plain(2, [...le(1, 4), ...le(2, 4)])] }, "ends 1 rows before");
    await refuse(1, { element: INT32, pages: [plain(2, [...le(1, 4), ...le(2, 4)])] }, "page of 2 rows");
    await refuse(1, { element: BYTE_ARRAY, pages: [plain(1, [255, 255, 255, 255, 1])] }, "ends too early");
  });

  it("about levels and codes", async () => {
    const optional = { ...INT32, ...OPTIONAL };
    await refuse(2, { element: optional, pages: [plain(2, [2, 0, 0, 0, 4, 2])] }, "definition level");
    await refuse(2, { element: optional, pages: [plain(2, [255, 0, 0, 0, 4, 1])] }, "ends too early");
    const dictionary: HandMadePage = { kind: "dictionary", values: 1, bytes: le(1, 4) };
    const codes = plain(2, [3, 4, 1], { encoding: RLE_DICTIONARY });
    await refuse(2, { element: INT32, pages: [dictionary, codes] }, "dictionary index");
    await refuse(2, { element: INT32, pages: [codes] }, "without a dictionary");
    await refuse(2, { element: INT32, pages: [dictionary, dictionary, codes] }, "second dictionary");
    await refuse(
      2,
      { element: INT32, pages: [{ ...dictionary, values: 1_000_000_000 }, codes] },
      "a dictionary of 1000000000",
    );
    await refuse(
      2,
      { element: INT32, pages: [dictionary, plain(2, [33, 4, 1], { encoding: RLE_DICTIONARY })] },
      "33 bits",
    );
  });

  it("about encodings", async () => {
    await refuse(1, { element: BYTE_ARRAY, pages: [plain(1, [0], { encoding: DELTA_BINARY_PACKED })] }, "does not fit");
    await refuse(1, { element: INT32, pages: [plain(1, [0], { encoding: RLE })] }, "does not fit");
    await refuse(1, { element: INT32, pages: [plain(1, [0], { encoding: 77 })] }, "unknown encoding");
    await refuse(
      1,
      { element: INT32, pages: [plain(1, [7, 3, 1, 0], { encoding: DELTA_BINARY_PACKED })] },
      "malformed",
    );
  });

  it("that would take endless memory end at the query's limit", async () => {
    // Each value repeats the one before and adds a byte: n values take n² / 2 bytes.
    const rows = 60_000;
    const ascending = [128, 1, 4, ...[0xe0, 0xd4, 3], 0];
    const deltas = (step: number): number[] => {
      const blocks: number[] = [];
      for (let done = 1; done < rows; done += 128) blocks.push(step * 2, 0, 0, 0, 0);
      return blocks;
    };
    const prefixes = [...ascending, ...deltas(1)];
    const suffixes = [128, 1, 4, ...[0xe0, 0xd4, 3], 2, ...deltas(0)];
    const bytes = [...prefixes, ...suffixes, ...new Array<number>(rows).fill(65)];
    const path = write(rows, {
      x: { element: BYTE_ARRAY, pages: [plain(rows, bytes, { encoding: DELTA_BYTE_ARRAY })] },
    });
    const { kernels, memory } = testHeap();
    const query = kernels.slabAllocate(0, queryBlock.bytes) >>> 0;
    memory.bytes.fill(0, query, query + queryBlock.bytes);
    memory.view.setBigUint64(query + queryBlock.limitBytes, 64n << 20n, true);
    await expect(readBack(path, { query })).rejects.toMatchObject({ code: "out-of-memory" });
    kernels.slabFree(0, query);
  });

  it("about lengths in the footer", async () => {
    const column = (chunk: HandMadeColumn["chunk"]): HandMadeColumn => ({
      element: INT32,
      pages: [plain(1, le(1, 4))],
      ...(chunk && { chunk }),
    });
    await refuse(1, column({ 7: { kind: "i64", value: 1_000_000 } }), "outside the file");
    await refuse(1, column({ 9: { kind: "i64", value: -5 } }), "outside the file");
    await refuse(1, column({ 5: { kind: "i64", value: 2 } }), "2 values for 1 rows");
    await refuse(1, column({ 1: i32(2) }), "has type INT64");
    await refuse(1, column({ 4: i32(55) }), "unknown codec");
  });
});
