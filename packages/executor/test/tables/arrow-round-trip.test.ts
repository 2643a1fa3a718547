import * as plan from "@headcut/plan";
import { type DataType, type PhysicalPlan, QueryError, typeName } from "@headcut/plan";
import * as arrow from "apache-arrow";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Engine, openEngine } from "../../src/engine.ts";
import { dataTypeOfField } from "../../src/tables/arrow-type.ts";
import type { MemoryTable } from "../../src/tables/memory-table.ts";

const text = new TextEncoder();
const bytes = (...values: number[]): Uint8Array => new Uint8Array(values);
const words = (value: bigint): Uint32Array => {
  const unsigned = BigInt.asUintN(128, value);
  return Uint32Array.from([0n, 32n, 64n, 96n], (shift) => Number((unsigned >> shift) & 0xffffffffn));
};

interface Case {
  readonly name: string;
  readonly arrowType: arrow.DataType;
  readonly metadata?: Map<string, string>;
  /** As `vectorFromArray` takes them; null for NULL. */
  readonly values: readonly unknown[];
  readonly type: DataType;
  /** As `plainValues` gives them; the same as `values` when absent. */
  readonly expected?: readonly unknown[];
}

const LONG = "Ünïcödé, longer than the twelve bytes of a view 🦆";
const UUID = bytes(0xff, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0x80);
const uuidField = new Map([["ARROW:extension:name", "arrow.uuid"]]);
const MAX_64 = 2n ** 63n - 1n;
const MIN_64 = -(2n ** 63n);
const MAX_38 = 10n ** 38n - 1n;

const cases: readonly Case[] = [
  { name: "null", arrowType: new arrow.Null(), values: [null, null], type: plan.nullType },
  { name: "bool", arrowType: new arrow.Bool(), values: [true, false, null, true, true], type: plan.boolean },
  { name: "int8", arrowType: new arrow.Int8(), values: [-128, 127, null, 0], type: plan.int8 },
  { name: "int16", arrowType: new arrow.Int16(), values: [-32768, 32767, null], type: plan.int16 },
  { name: "int32", arrowType: new arrow.Int32(), values: [-(2 ** 31), 2 ** 31 - 1, null], type: plan.int32 },
  { name: "int64", arrowType: new arrow.Int64(), values: [MIN_64, MAX_64, null, -1n], type: plan.int64 },
  { name: "uint8", arrowType: new arrow.Uint8(), values: [255, 0, null], type: plan.uint8 },
  { name: "uint16", arrowType: new arrow.Uint16(), values: [65535, 0, null], type: plan.uint16 },
  { name: "uint32", arrowType: new arrow.Uint32(), values: [2 ** 32 - 1, 0, null], type: plan.uint32 },
  { name: "uint64", arrowType: new arrow.Uint64(), values: [2n ** 64n - 1n, 0n, null], type: plan.uint64 },
  {
    name: "float16",
    arrowType: new arrow.Float16(),
    values: [1.5, -65504, null, 6.103515625e-5, 2 ** -24, Number.NEGATIVE_INFINITY, -0],
    type: plan.float,
  },
  {
    name: "float32",
    arrowType: new arrow.Float32(),
    values: [1.5, Number.NaN, null, -0, Number.POSITIVE_INFINITY],
    type: plan.float,
  },
  { name: "float64", arrowType: new arrow.Float64(), values: [0.1, Number.NaN, null, -1e308], type: plan.double },
  {
    name: "decimal of 64 bits",
    arrowType: new arrow.Decimal(2, 18, 128),
    values: [words(10n ** 18n - 1n), words(-(10n ** 18n) + 1n), null, words(-1n)],
    type: plan.decimal(18, 2),
    expected: [10n ** 18n - 1n, -(10n ** 18n) + 1n, null, -1n],
  },
  {
    name: "decimal of 128 bits",
    arrowType: new arrow.Decimal(10, 38, 128),
    values: [words(MAX_38), words(-MAX_38), null, words(-1n)],
    type: plan.decimal(38, 10),
    expected: [MAX_38, -MAX_38, null, -1n],
  },
  { name: "date in days", arrowType: new arrow.DateDay(), values: [-719162, 2932896, null, 0], type: plan.date },
  {
    name: "date in milliseconds",
    arrowType: new arrow.DateMillisecond(),
    values: [86_400_000n * 3n, -86_400_000n, null],
    type: plan.date,
    expected: [3, -1, null],
  },
  {
    name: "time in seconds",
    arrowType: new arrow.TimeSecond(),
    values: [86399, null, 0],
    type: plan.time,
    expected: [86_399_000_000n, null, 0n],
  },
  {
    name: "time in milliseconds",
    arrowType: new arrow.TimeMillisecond(),
    values: [86_399_999, null],
    type: plan.time,
    expected: [86_399_999_000n, null],
  },
  { name: "time in microseconds", arrowType: new arrow.TimeMicrosecond(), values: [1n, null], type: plan.time },
  {
    name: "time in nanoseconds",
    arrowType: new arrow.TimeNanosecond(),
    values: [86_399_999_999_999n, null],
    type: { kind: "time", unit: "ns" },
  },
  {
    name: "timestamp in seconds",
    arrowType: new arrow.Timestamp(arrow.TimeUnit.SECOND),
    values: [-1n, null, 9_223_372_036_854n],
    type: plan.timestamp,
    expected: [-1_000_000n, null, 9_223_372_036_854_000_000n],
  },
  {
    name: "timestamp in milliseconds",
    arrowType: new arrow.Timestamp(arrow.TimeUnit.MILLISECOND, "Europe/Berlin"),
    values: [1n, null],
    type: plan.timestampTz,
    expected: [1000n, null],
  },
  {
    name: "timestamp in microseconds",
    arrowType: new arrow.Timestamp(arrow.TimeUnit.MICROSECOND, "UTC"),
    values: [MIN_64, MAX_64, null],
    type: plan.timestampTz,
  },
  {
    name: "timestamp in nanoseconds",
    arrowType: new arrow.Timestamp(arrow.TimeUnit.NANOSECOND),
    values: [MAX_64, null, 1n],
    type: { kind: "timestamp", unit: "ns", utc: false },
  },
  {
    name: "interval of months",
    arrowType: new arrow.IntervalYearMonth(),
    values: [Int32Array.of(1, 2), Int32Array.of(0, -1), null],
    type: plan.interval,
    expected: [[14, 0, 0n], [-1, 0, 0n], null],
  },
  {
    name: "interval of days",
    arrowType: new arrow.IntervalDayTime(),
    values: [Int32Array.of(-3, 1500), Int32Array.of(4, -1), null],
    type: plan.interval,
    expected: [[0, -3, 1_500_000_000n], [0, 4, -1_000_000n], null],
  },
  {
    name: "interval of months, days and nanoseconds",
    arrowType: new arrow.IntervalMonthDayNano(),
    values: [Int32Array.of(-14, 3, 5000, 0), Int32Array.of(1, -2, -1000, -1), null],
    type: plan.interval,
    expected: [[-14, 3, 5000n], [1, -2, -1000n], null],
  },
  {
    name: "duration in seconds",
    arrowType: new arrow.DurationSecond(),
    values: [-2n, null],
    type: plan.interval,
    expected: [[0, 0, -2_000_000_000n], null],
  },
  {
    name: "duration in nanoseconds",
    arrowType: new arrow.DurationNanosecond(),
    values: [-2000n, null],
    type: plan.interval,
    expected: [[0, 0, -2000n], null],
  },
  { name: "utf8", arrowType: new arrow.Utf8(), values: ["", "a", null, LONG], type: plan.varchar },
  { name: "large utf8", arrowType: new arrow.LargeUtf8(), values: [LONG, null, "", "b"], type: plan.varchar },
  {
    name: "utf8 view",
    arrowType: new arrow.Utf8View(),
    values: ["twelve bytes", null, LONG, "", "thirteen byte"],
    type: plan.varchar,
  },
  { name: "binary", arrowType: new arrow.Binary(), values: [bytes(), bytes(0, 255), null], type: plan.blob },
  { name: "large binary", arrowType: new arrow.LargeBinary(), values: [bytes(1, 2), null], type: plan.blob },
  {
    name: "binary view",
    arrowType: new arrow.BinaryView(),
    values: [bytes(1), null, text.encode(LONG)],
    type: plan.blob,
  },
  {
    name: "fixed-size binary",
    arrowType: new arrow.FixedSizeBinary(3),
    values: [bytes(1, 2, 3), null],
    type: plan.blob,
  },
  {
    name: "uuid",
    arrowType: new arrow.FixedSizeBinary(16),
    metadata: uuidField,
    values: [UUID, new Uint8Array(16), null],
    type: plan.uuid,
  },
  {
    name: "dictionary of strings",
    arrowType: new arrow.Dictionary(new arrow.Utf8(), new arrow.Int8()),
    values: ["a", null, LONG, "a", ""],
    type: plan.varchar,
  },
  {
    name: "dictionary of 64-bit integers",
    arrowType: new arrow.Dictionary(new arrow.Int64(), new arrow.Uint16()),
    values: [MAX_64, 5n, null, MAX_64],
    type: plan.int64,
  },
];

/** Values without their vector: integers of 64 bits and more as bigint, binaries as arrays, intervals [months, days, ns]. */
const plainValues = (data: arrow.Data): unknown[] => {
  const { values } = data;
  const at = (i: number): unknown => {
    switch (data.type.typeId as number) {
      case arrow.Type.Decimal: {
        const [a, b, c, d] = [0, 1, 2, 3].map((k) => BigInt((values as Uint32Array)[4 * i + k]!)) as bigint[];
        return BigInt.asIntN(128, a! | (b! << 32n) | (c! << 64n) | (d! << 96n));
      }
      case arrow.Type.Interval: {
        const ints = (values as Int32Array).subarray(4 * i, 4 * i + 4);
        const nanos = BigInt.asIntN(64, BigInt(ints[2]! >>> 0) | (BigInt(ints[3]!) << 32n));
        return [ints[0], ints[1], nanos];
      }
      case arrow.Type.Bool:
      case arrow.Type.Utf8:
        return new arrow.Vector([data]).get(i);
      case arrow.Type.Binary:
      case arrow.Type.FixedSizeBinary:
        return [...(new arrow.Vector([data]).get(i) as Uint8Array)];
      default:
        return (values as Int32Array)[i];
    }
  };
  return Array.from({ length: data.length }, (_, i) =>
    data.type.typeId === arrow.Type.Null || !data.getValid(i) ? null : at(i),
  );
};

const plainExpected = (one: Case, row: number): unknown => {
  const values = one.expected ?? one.values;
  const value = values[row % values.length];
  return value instanceof Uint8Array ? [...value] : value;
};

/** Points in time, which `vectorFromArray` takes in units of its own, go into their buffer directly. */
const vectorOf = (one: Case, rows: number): arrow.Vector => {
  const values = Array.from({ length: rows }, (_, i) => one.values[i % one.values.length]);
  const { typeId } = one.arrowType;
  if (typeId !== arrow.Type.Timestamp && typeId !== arrow.Type.Date) {
    return arrow.vectorFromArray(values, one.arrowType);
  }
  const nullBitmap = new Uint8Array((rows + 7) >> 3);
  for (let i = 0; i < rows; i++) if (values[i] !== null) nullBitmap[i >> 3]! |= 1 << (i & 7);
  const data =
    one.arrowType instanceof arrow.DateDay
      ? Int32Array.from(values, (value) => (value as number | null) ?? 77)
      : BigInt64Array.from(values, (value) => (value as bigint | null) ?? 77n);
  const nullCount = values.filter((value) => value === null).length;
  return new arrow.Vector([
    arrow.makeData({
      type: one.arrowType as arrow.TimestampSecond,
      data: data as BigInt64Array,
      nullBitmap,
      nullCount,
      length: rows,
    }),
  ]);
};

const scan = (table: MemoryTable): PhysicalPlan => {
  const columns = table.columns.map((column, index) => ({ ...column, id: index + 1, index }));
  return {
    kind: "scan",
    operatorId: 0,
    columns,
    estimatedRows: table.rowCount(),
    table: table.describe(),
    alias: "t",
    read: columns,
    filters: [],
  };
};

const read = async (engine: Engine, table: MemoryTable): Promise<arrow.RecordBatch[]> => {
  const batches: arrow.RecordBatch[] = [];
  for await (const batch of engine.execute(scan(table), ["v"])) batches.push(batch);
  return batches;
};

describe.each(["inline", "threads"] as const)("Arrow in and out (%s)", (placement) => {
  let engine: Engine;
  beforeAll(() => {
    engine = openEngine({ threads: 1, memoryLimitBytes: 512 << 20, placement });
  });
  afterAll(() => engine.close());

  it.each(cases)("keeps $name", async (one) => {
    const rows = 5003;
    const field = new arrow.Field("v", one.arrowType, true, one.metadata ?? new Map());
    expect(dataTypeOfField(field)).toEqual(one.type);
    const table = engine.tables.create("t", [{ name: "v", type: one.type, nullable: true }]);
    const vector = vectorOf(one, rows);
    const schema = new arrow.Schema([field]);
    const batchOf = (data: arrow.Data): arrow.RecordBatch =>
      new arrow.RecordBatch(
        schema,
        arrow.makeData({ type: new arrow.Struct(schema.fields), length: data.length, nullCount: 0, children: [data] }),
      );
    // Whole, then from row 3 on: the second does not begin at a byte of the validity bitmap.
    table.appendArrow(batchOf(vector.data[0]!), batchOf(vector.slice(3).data[0]!));
    expect(table.rowCount()).toBe(2 * rows - 3);

    const batches = await read(engine, table);
    const found = batches.flatMap((batch) => plainValues(batch.data.children[0]!));
    const expected = Array.from({ length: 2 * rows - 3 }, (_, i) => plainExpected(one, i < rows ? i : i - rows + 3));
    expect(found).toEqual(expected);

    const resultField = batches[0]!.schema.fields[0]!;
    expect(typeName(dataTypeOfField(resultField))).toBe(typeName(one.type));
    expect(resultField.name).toBe("v");
    for (const batch of batches) {
      const { nullCount, length } = batch.data.children[0]!;
      const nulls = plainValues(batch.data.children[0]!).filter((value) => value === null).length;
      expect(one.type.kind === "null" ? length : nullCount).toBe(nulls);
    }
    // The bytes survive Arrow's own stream format.
    const copy = arrow.tableFromIPC(arrow.tableToIPC(new arrow.Table(batches)));
    expect(copy.numRows).toBe(2 * rows - 3);
    engine.tables.drop(table.tableId);
  });

  it("reads a column without NULL as one", async () => {
    const table = engine.tables.create("t", [{ name: "v", type: plan.int32, nullable: false }]);
    table.appendArrow(...new arrow.Table({ v: arrow.vectorFromArray(Int32Array.of(1, 2, 3)) }).batches);
    const [batch] = await read(engine, table);
    expect(batch!.data.children[0]!.nullBitmap).toBeUndefined();
    expect(batch!.schema.fields[0]!.nullable).toBe(false);
    expect(batch!.toArray().map((row) => row.toJSON())).toEqual([{ v: 1 }, { v: 2 }, { v: 3 }]);
    engine.tables.drop(table.tableId);
  });

  it("gives an empty table's schema and no rows", async () => {
    const table = engine.tables.create("t", [{ name: "v", type: plan.uuid, nullable: true }]);
    const run = engine.execute(scan(table), ["renamed"]);
    expect((await run.schema()).fields.map(({ name, type }) => [name, String(type)])).toEqual([
      ["renamed", "FixedSizeBinary[16]"],
    ]);
    for await (const batch of run) expect(batch.numRows).toBe(0);
    expect((await run.metrics).resultRows).toBe(0);
    engine.tables.drop(table.tableId);
  });
});

describe("Arrow that tables cannot hold", () => {
  it("is refused by column and type", () => {
    const child = new arrow.Field("item", new arrow.Int32(), true);
    for (const type of [new arrow.List(child), new arrow.Struct([child]), new arrow.Decimal(0, 50, 256)]) {
      expect(() => dataTypeOfField(new arrow.Field("nested", type, true))).toThrow(QueryError);
      expect(() => dataTypeOfField(new arrow.Field("nested", type, true))).toThrow(/column "nested"/);
    }
  });
});
