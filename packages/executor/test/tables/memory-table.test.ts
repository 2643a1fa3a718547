import * as plan from "@headcut/plan";
import * as arrow from "apache-arrow";
import { beforeEach, describe, expect, it } from "vitest";
import { createHeap, type Heap } from "../../src/memory/heap.ts";
import { createMemoryTable, type MemoryTable } from "../../src/tables/memory-table.ts";
import type { MemoryScanPlan } from "../../src/tables/scan-plan.ts";
import { createTableStore } from "../../src/tables/table-store.ts";

let heap: Heap;
let free: bigint;

beforeEach(() => {
  heap = createHeap(64 << 20);
  free = heap.kernels.heapFreeBytes();
});

const newTable = (): MemoryTable =>
  createMemoryTable(heap, 1, "t", [
    { name: "n", type: plan.int32, nullable: true },
    { name: "s", type: plan.varchar, nullable: false },
  ]);

const rows = (from: number, to: number, nullAt?: number): readonly arrow.RecordBatch[] => {
  const numbers = Array.from({ length: to - from }, (_, i) => (from + i === nullAt ? null : from + i));
  return new arrow.Table({
    n: arrow.vectorFromArray(numbers, new arrow.Int32()),
    s: arrow.vectorFromArray(
      numbers.map((_, i) => `row ${from + i}`),
      new arrow.Utf8(),
    ),
  }).batches;
};

/** What a scan would see: [n, s] of each row. */
const contents = ({ chunks, morsels }: MemoryScanPlan): [number | null, string][] => {
  const { bytes, i32, view } = heap.memory;
  return morsels.flatMap(({ chunk, firstRow, rowCount }) =>
    Array.from({ length: rowCount }, (_, i): [number | null, string] => {
      const [n, s] = chunks[chunk]!.columns as [{ values: number; valid: number }, { values: number; valid: number }];
      const row = firstRow + i;
      const address = view.getUint32(s.values + 8 * row, true);
      const text = new TextDecoder().decode(
        bytes.slice(address, address + view.getUint32(s.values + 8 * row + 4, true)),
      );
      return [n.valid !== 0 && bytes[n.valid + row] === 0 ? null : i32[(n.values >>> 2) + row]!, text];
    }),
  );
};

const expectRows = (snapshot: MemoryScanPlan, count: number, nullAt?: number): void => {
  const found = contents(snapshot);
  expect(found.length).toBe(count);
  found.forEach(([n, s], i) => {
    if (n !== (i === nullAt ? null : i) || s !== `row ${i}`)
      expect([n, s]).toEqual([i === nullAt ? null : i, `row ${i}`]);
  });
};

describe("a memory table", () => {
  it("grows by many small and by large appends, over several chunks, and frees all of it", () => {
    const table = newTable();
    let count = 0;
    for (const step of [1, 1, 2, 3000, 1, 130_000, 5, 60_000]) {
      table.appendArrow(...rows(count, count + step, 3003));
      count += step;
      expect(table.rowCount()).toBe(count);
    }
    const { plan: snapshot, release } = table.snapshot([0, 1]);
    expectRows(snapshot, count, 3003);
    expect(Math.max(...snapshot.morsels.map(({ rowCount }) => rowCount))).toBeLessThanOrEqual(16_384);
    expect(table.byteSize()).toBeGreaterThan(count * 12);
    expect(Number(free - heap.kernels.heapFreeBytes())).toBe(table.byteSize());
    release();
    table.drop();
    expect(heap.kernels.heapFreeBytes()).toBe(free);
  });

  it("takes little memory when it is small", () => {
    const table = newTable();
    for (let i = 0; i < 1000; i++) table.appendArrow(...rows(i, i + 1));
    expect(table.byteSize()).toBeLessThanOrEqual(256 << 10);
    table.drop();
  });

  it("shows a reader the rows there were, whatever is appended or dropped meanwhile", () => {
    const table = newTable();
    table.appendArrow(...rows(0, 10));
    const first = table.snapshot([0, 1]);
    table.appendArrow(...rows(10, 5000, 10));
    const second = table.snapshot([0, 1]);
    expectRows(first.plan, 10);
    table.drop();
    expectRows(first.plan, 10);
    first.release();
    first.release();
    expectRows(second.plan, 5000, 10);
    expect(heap.kernels.heapFreeBytes()).not.toBe(free);
    second.release();
    expect(heap.kernels.heapFreeBytes()).toBe(free);
  });

  it("projects the columns that a scan asks for, in its order", () => {
    const table = newTable();
    table.appendArrow(...rows(0, 3));
    const both = table.snapshot([0, 1]).plan.chunks[0]!.columns;
    expect(table.snapshot([1]).plan.chunks[0]!.columns).toEqual([both[1]]);
    expect(table.snapshot([1, 0, 1]).plan.chunks[0]!.columns).toEqual([both[1], both[0], both[1]]);
    expect(table.snapshot([]).plan.chunks[0]!.columns).toEqual([]);
  });

  it("knows its rows, NULLs, extremes and lengths", () => {
    const table = newTable();
    table.appendArrow(...rows(5, 10), ...rows(-3, 4, 0));
    const [n, s] = table.describe().columns;
    expect(table.describe().rowCount).toBe(12);
    expect(n!.statistics).toEqual({ min: -3, max: 9, nullCount: 1 });
    expect(s!.statistics).toMatchObject({ nullCount: 0 });
    expect(s!.statistics!.averageLength).toBeCloseTo((9 * 5 + 3 * 6) / 12, 5);
    const source = table.describe().source;
    expect(source).toEqual({ kind: "memory", tableId: 1 });
  });

  it("gives no extremes of a column with NaN, and none of an empty one", () => {
    const table = createMemoryTable(heap, 2, "t", [{ name: "d", type: plan.double, nullable: true }]);
    expect(table.describe().columns[0]!.statistics).toEqual({ nullCount: 0 });
    const append = (...values: (number | null)[]): void =>
      table.appendArrow(...new arrow.Table({ d: arrow.vectorFromArray(values, new arrow.Float64()) }).batches);
    append(null);
    append(1, -0.5, null);
    expect(table.describe().columns[0]!.statistics).toEqual({ nullCount: 2, min: -0.5, max: 1 });
    append(Number.NaN, 2);
    append(3);
    expect(table.describe().columns[0]!.statistics).toEqual({ nullCount: 2 });
  });

  it("appends all batches or none", () => {
    const table = newTable();
    table.appendArrow(...rows(0, 2000));
    const before = [table.describe(), heap.kernels.heapFreeBytes()];
    const withNull = new arrow.Table({
      n: arrow.vectorFromArray([1, 2], new arrow.Int32()),
      s: arrow.vectorFromArray(["x", null], new arrow.Utf8()),
    }).batches;
    expect(() => table.appendArrow(...rows(2000, 200_000, 150_000), ...withNull)).toThrow(
      'column "s" of table t must not be NULL',
    );
    const wrong = new arrow.Table({
      n: arrow.vectorFromArray([1n], new arrow.Int64()),
      s: arrow.vectorFromArray(["x"], new arrow.Utf8()),
    }).batches;
    expect(() => table.appendArrow(...rows(2000, 2001), ...wrong)).toThrow(/column "n" of table t is INTEGER.*BIGINT/);
    expect(() =>
      table.appendArrow(...new arrow.Table({ n: arrow.vectorFromArray([1], new arrow.Int32()) }).batches),
    ).toThrow("table t has 2 columns, the rows 1");
    expect(table.describe()).toEqual(before[0]);
    expectRows(table.snapshot([0, 1]).plan, 2000);
    table.appendArrow(...rows(2000, 2500, 2010));
    expectRows(table.snapshot([0, 1]).plan, 2500, 2010);
  });

  it("says which table is too large for the memory, and keeps what it had", () => {
    const table = newTable();
    table.appendArrow(...rows(0, 1000));
    const many = rows(1000, 200_000);
    expect(() => {
      for (let i = 0; i < 100; i++) table.appendArrow(...many);
    }).toThrow("the engine's memory is exhausted by");
    const kept = table.snapshot([0, 1]);
    expect(contents(kept.plan).slice(0, 1000)).toEqual(Array.from({ length: 1000 }, (_, i) => [i, `row ${i}`]));
    kept.release();
    table.drop();
    expect(heap.kernels.heapFreeBytes()).toBe(free);
  });

  it("refuses values that its type cannot hold, and not those of NULL rows", () => {
    const type = new arrow.Timestamp(arrow.TimeUnit.SECOND);
    const table = createMemoryTable(heap, 3, "t", [{ name: "ts", type: plan.timestamp, nullable: true }]);
    const batch = (data: BigInt64Array, validity: number): arrow.RecordBatch => {
      const child = arrow.makeData({ type: type as arrow.TimestampSecond, data, nullBitmap: Uint8Array.of(validity) });
      const schema = new arrow.Schema([new arrow.Field("ts", type, true)]);
      const struct = new arrow.Struct(schema.fields);
      return new arrow.RecordBatch(
        schema,
        arrow.makeData({ type: struct, length: 2, nullCount: 0, children: [child] }),
      );
    };
    const far = BigInt64Array.of(1n, 2n ** 62n);
    expect(() => table.appendArrow(batch(far, 0b11))).toThrow(
      /column "ts": a value of Timestamp<SECOND> is out of range/,
    );
    table.appendArrow(batch(far, 0b01));
    expect(table.rowCount()).toBe(2);
  });
});

describe("the table store", () => {
  it("finds tables until they are dropped", () => {
    const store = createTableStore(heap);
    const table = store.create("a", [{ name: "n", type: plan.int32, nullable: true }]);
    expect(store.get(table.tableId, "a")).toBe(table);
    const other = store.create("b", []);
    expect(other.tableId).not.toBe(table.tableId);
    store.drop(table.tableId);
    store.drop(table.tableId);
    expect(() => store.get(table.tableId, "a")).toThrow("table a no longer exists");
    store.dropAll();
    expect(() => store.get(other.tableId, "b")).toThrow("table b no longer exists");
  });
});
