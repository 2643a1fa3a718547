import * as plan from "@headcut/plan";
import { type Column, type DataType, type PhysicalPlan, QueryError } from "@headcut/plan";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Engine, openEngine } from "../../src/engine.ts";
import { isEngineFull } from "../../src/memory/engine-full.ts";
import type { EncodedBatch, EncodedColumn } from "../../src/results/encoded-batch.ts";
import type { ReceivedTable } from "../../src/tables/received-table.ts";

let engine: Engine;
let free: number;
beforeAll(() => {
  engine = openEngine({ threads: 1, memoryLimitBytes: 32 << 20 });
  free = engine.freeBytes();
});
afterAll(() => engine.close());

const text = (...values: string[]): Pick<EncodedColumn, "offsets" | "values"> => {
  const bytes = values.map((value) => Buffer.from(value));
  const offsets = new Int32Array(values.length + 1);
  bytes.forEach((each, i) => {
    offsets[i + 1] = offsets[i]! + each.length;
  });
  return { offsets, values: new Uint8Array(Buffer.concat(bytes)) };
};
const fixed = (values: ArrayBufferView<ArrayBuffer>): Pick<EncodedColumn, "offsets" | "values"> => ({
  offsets: undefined,
  values: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
});
const plain = (values: Pick<EncodedColumn, "offsets" | "values">): EncodedColumn => ({
  nullCount: 0,
  validity: undefined,
  ...values,
});

const columnOf = (type: DataType, nullable = true): Pick<Column, "name" | "type" | "nullable"> => ({
  name: "c",
  type,
  nullable,
});

const received = async (table: ReceivedTable, column: ReturnType<typeof columnOf>): Promise<EncodedBatch[]> => {
  const scan: PhysicalPlan = {
    kind: "scan",
    operatorId: 0,
    columns: [{ id: 1, ...column }],
    estimatedRows: 1,
    alias: "t",
    filters: [],
    read: [{ id: 1, ...column, index: 0 }],
    table: {
      name: "t",
      columns: [column],
      rowCount: table.rowCount(),
      source: { kind: "memory", tableId: table.tableId },
    },
  };
  const all: EncodedBatch[] = [];
  for await (const batch of engine.execute(scan, ["c"]).encodedBatches()) all.push(batch);
  return all;
};

const UUIDS = Uint8Array.from({ length: 32 }, (_, i) => (i * 37) & 255);
const WIDE = BigInt64Array.of(-1n, -(2n ** 62n), 5n, 2n ** 61n);
/** Months, days, nanoseconds. */
const INTERVALS = new Uint8Array(32);
new DataView(INTERVALS.buffer).setInt32(0, -14, true);
new DataView(INTERVALS.buffer).setInt32(4, 31, true);
new DataView(INTERVALS.buffer).setBigInt64(8, -1_000n, true);

const cases: readonly (readonly [DataType, Pick<EncodedColumn, "offsets" | "values">])[] = [
  [plan.boolean, fixed(Uint8Array.of(0b10))],
  [plan.int8, fixed(Int8Array.of(-128, 127))],
  [plan.uint8, fixed(Uint8Array.of(255, 1))],
  [plan.int16, fixed(Int16Array.of(-32768, 32767))],
  [plan.uint16, fixed(Uint16Array.of(65535, 1))],
  [plan.int32, fixed(Int32Array.of(-(2 ** 31), 2 ** 31 - 1))],
  [plan.uint32, fixed(Uint32Array.of(2 ** 32 - 1, 1))],
  [plan.int64, fixed(BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n))],
  [plan.uint64, fixed(BigUint64Array.of(2n ** 64n - 1n, 1n))],
  [plan.float, fixed(Float32Array.of(-0, Number.NaN))],
  [plan.double, fixed(Float64Array.of(-0, Number.NEGATIVE_INFINITY))],
  [plan.decimal(18, 2), fixed(BigInt64Array.of(-5n, -1n, 999_999_999_999_999_999n, 0n))],
  [plan.decimal(38, 2), fixed(WIDE)],
  [plan.date, fixed(Int32Array.of(-719_162, 2_932_896))],
  [plan.time, fixed(BigInt64Array.of(0n, 86_399_999_999n))],
  [plan.timestamp, fixed(BigInt64Array.of(-1n, 2n ** 60n))],
  [plan.timestampTz, fixed(BigInt64Array.of(-1n, 2n ** 60n))],
  [plan.interval, fixed(INTERVALS)],
  [plan.uuid, fixed(UUIDS)],
  [plan.varchar, text("", "Ünïcödé 🦆".repeat(50))],
  [plan.blob, text("x", "")],
];

describe("a table of received rows", () => {
  it.each(cases)(
    "gives %j back to the bit, without and with NULLs, from unaligned buffers too",
    async (type, values) => {
      const column = columnOf(type);
      const table = engine.tables.receive("t", [column]);
      const shifted = new Uint8Array(values.values.length + 1);
      shifted.set(values.values, 1);
      table.append({ rowCount: 2, columns: [plain(values)] });
      table.append({ rowCount: 0, columns: [plain(values)] });
      table.append({ rowCount: 2, columns: [plain({ ...values, values: shifted.subarray(1) })] });
      table.append({ rowCount: 2, columns: [{ ...values, nullCount: 1, validity: Uint8Array.of(0b01) }] });
      expect(table.rowCount()).toBe(6);
      const [batch, ...rest] = await received(table, column);
      expect(rest).toEqual([]);
      const [found] = batch!.columns as [EncodedColumn];
      expect(found.nullCount).toBe(1);
      expect([...found.validity!]).toEqual([0b011111]);
      const { values: bytes, offsets } = found;
      if (type.kind === "boolean") {
        expect(bytes[0]! & 0b011111).toBe(0b01010);
      } else if (offsets !== undefined) {
        const one = values.values;
        const first = Buffer.from(one.subarray(0, values.offsets![1]));
        expect(Buffer.from(bytes)).toEqual(Buffer.concat([one, one, first]));
      } else {
        const one = values.values;
        const width = one.length / 2;
        expect([...bytes.subarray(0, 5 * width)]).toEqual([...one, ...one, ...one.subarray(0, width)]);
      }
      engine.tables.drop(table.tableId);
      expect(engine.freeBytes()).toBe(free);
    },
  );

  it("has columns of nothing but NULLs", async () => {
    const column = columnOf(plan.nullType);
    const table = engine.tables.receive("t", [column]);
    table.append({
      rowCount: 3,
      columns: [{ nullCount: 3, validity: undefined, offsets: undefined, values: new Uint8Array(0) }],
    });
    expect((await received(table, column)).map(({ rowCount, columns }) => [rowCount, columns[0]!.nullCount])).toEqual([
      [3, 3],
    ]);
    engine.tables.drop(table.tableId);
  });

  it.each<[string, DataType, EncodedColumn, boolean?]>([
    ["too few values", plan.int64, plain(fixed(BigInt64Array.of(1n)))],
    ["too few bits", plan.boolean, plain(fixed(new Uint8Array(0)))],
    ["no offsets", plan.varchar, plain(fixed(new Uint8Array(9)))],
    ["too few offsets", plan.varchar, plain(text("a"))],
    ["offsets that decrease", plan.varchar, plain({ offsets: Int32Array.of(0, 5, 2), values: new Uint8Array(9) })],
    ["a negative offset", plan.varchar, plain({ offsets: Int32Array.of(-4, 0, 2), values: new Uint8Array(9) })],
    ["offsets beyond the bytes", plan.varchar, plain({ offsets: Int32Array.of(0, 5, 10), values: new Uint8Array(9) })],
    [
      "too little validity",
      plan.int8,
      { ...plain(fixed(new Int8Array(2))), nullCount: 1, validity: new Uint8Array(0) },
    ],
    ["a decimal that is too large", plan.decimal(9, 0), plain(fixed(BigInt64Array.of(0n, 1n, 0n, 0n)))],
    [
      "NULLs where there may be none",
      plan.int8,
      { ...plain(fixed(new Int8Array(2))), nullCount: 1, validity: Uint8Array.of(1) },
      false,
    ],
  ])("refuses %s", (_, type, column, nullable = true) => {
    const table = engine.tables.receive("t", [columnOf(type, nullable)]);
    expect(() => table.append({ rowCount: 2, columns: [column] })).toThrow(expect.objectContaining({ code: "io" }));
    engine.tables.drop(table.tableId);
    expect(engine.freeBytes()).toBe(free);
  });

  it("stays until those who read it are done, and is gone for others", async () => {
    const column = columnOf(plan.int64);
    const table = engine.tables.receive("t", [column]);
    table.append({ rowCount: 2, columns: [plain(fixed(BigInt64Array.of(1n, 2n)))] });
    expect(table.byteSize()).toBeGreaterThan(0);
    const { release } = table.snapshot([0]);
    engine.tables.drop(table.tableId);
    expect(engine.freeBytes()).toBeLessThan(free);
    await expect(received(table, column)).rejects.toMatchObject({ code: "unknown-table" });
    expect(() => table.append({ rowCount: 0, columns: [] })).toThrow(QueryError);
    release();
    release();
    expect(engine.freeBytes()).toBe(free);
  });

  it("says that it was the engine that had no more memory", () => {
    const table = engine.tables.receive("rows of fragment 3", [columnOf(plan.int64)]);
    const batch = { rowCount: 1 << 17, columns: [plain(fixed(new BigInt64Array(1 << 17)))] };
    let error: unknown;
    try {
      for (;;) table.append(batch);
    } catch (caught) {
      error = caught;
    }
    expect(error).toMatchObject({ code: "out-of-memory", message: /rows of fragment 3/ });
    expect(isEngineFull(error)).toBe(true);
    expect(isEngineFull(new QueryError("out-of-memory", "by its own limit"))).toBe(false);
    engine.tables.drop(table.tableId);
    expect(engine.freeBytes()).toBe(free);
  });
});
