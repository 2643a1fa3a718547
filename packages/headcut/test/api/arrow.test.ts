import * as arrow from "apache-arrow";
import { type Connection, typeName } from "headcut";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect, freeBytes } from "../target.ts";
import { everyType, selectEveryType } from "./every-type.ts";

let db: Connection;
beforeAll(async () => {
  db = await connect({ threads: 1 });
});
afterAll(() => db.close());

const column = async (name: string): Promise<unknown[]> => (await db.query(`SELECT * FROM "${name}"`)).toColumns()[0]!;

describe("an Arrow table", () => {
  it("of every SQL type comes back as it went", async () => {
    const result = await db.query(selectEveryType());
    await db.register("copy", result.toArrow());
    const again = await db.query("SELECT * FROM copy ORDER BY ordinal");
    expect(again.columns.map(({ type }) => typeName(type))).toEqual(result.columns.map(({ type }) => typeName(type)));
    expect(again.toText()).toEqual(result.toText());
    expect(again.columns).toHaveLength(everyType.length + 1);
  });

  it.each<[string, arrow.DataType, readonly unknown[], string, readonly unknown[]]>([
    ["half floats", new arrow.Float16(), [1.5, null], "FLOAT", [1.5, null]],
    [
      "dates in milliseconds",
      new arrow.DateMillisecond(),
      [new Date("1969-12-31"), null],
      "DATE",
      ["1969-12-31", null],
    ],
    ["seconds", new arrow.TimestampSecond(), [1_000, null], "TIMESTAMP", ["1970-01-01 00:00:01", null]],
    [
      "milliseconds",
      new arrow.TimestampMillisecond("UTC"),
      [-1],
      "TIMESTAMP WITH TIME ZONE",
      ["1969-12-31 23:59:59.999+00"],
    ],
    ["times in seconds", new arrow.TimeSecond(), [61, null], "TIME", ["00:01:01", null]],
    ["times in milliseconds", new arrow.TimeMillisecond(), [1], "TIME", ["00:00:00.001"]],
    ["large strings", new arrow.LargeUtf8(), ["ä", null, ""], "VARCHAR", ["ä", null, ""]],
    ["binaries", new arrow.Binary(), [Uint8Array.of(1), null], "BLOB", [Uint8Array.of(1), null]],
    ["large binaries", new arrow.LargeBinary(), [Uint8Array.of(1), null], "BLOB", [Uint8Array.of(1), null]],
    [
      "fixed-size binaries",
      new arrow.FixedSizeBinary(2),
      [Uint8Array.of(1, 2), null],
      "BLOB",
      [Uint8Array.of(1, 2), null],
    ],
    [
      "dictionaries",
      new arrow.Dictionary(new arrow.Utf8(), new arrow.Int8()),
      ["a", "b", "a", null],
      "VARCHAR",
      ["a", "b", "a", null],
    ],
  ])("may hold %s", async (name, type, values, sqlType, expected) => {
    await db.register(name, new arrow.Table({ v: arrow.vectorFromArray(values, type) }));
    expect(typeName((await db.query(`SELECT * FROM "${name}"`)).columns[0]!.type)).toBe(sqlType);
    expect(await column(name)).toEqual(expected);
  });

  it("may come in several batches, as batches, or without rows", async () => {
    const one = arrow.tableFromArrays({ v: Int32Array.of(1, 2) });
    const two = arrow.tableFromArrays({ v: Int32Array.of(3) });
    await db.register("several", one.concat(two));
    expect(await column("several")).toEqual([1, 2, 3]);
    await db.register("batches", [...one.batches, ...two.batches]);
    expect(await column("batches")).toEqual([1, 2, 3]);
    const none = new arrow.Table(one.schema);
    await db.register("none", none);
    expect(await column("none")).toEqual([]);
  });

  it("may be sliced", async () => {
    const whole = arrow.tableFromArrays({ v: ["a", null, "c", "d"], n: Int32Array.of(1, 2, 3, 4) });
    await db.register("sliced", whole.slice(1, 3));
    expect((await db.query("SELECT * FROM sliced")).toRows()).toEqual([
      [null, 2],
      ["c", 3],
    ]);
  });

  it("is copied: what happens to its buffers later does not matter", async () => {
    const values = Int32Array.of(1, 2);
    await db.register("copied", arrow.tableFromArrays({ v: values }));
    values.fill(9);
    expect(await column("copied")).toEqual([1, 2]);
  });

  it("can be changed by INSERT, unlike files", async () => {
    await db.register("growing", arrow.tableFromArrays({ v: Int32Array.of(1) }));
    await db.query("INSERT INTO growing VALUES (2)");
    expect(await column("growing")).toEqual([1, 2]);
  });

  it("with a NULL where its schema forbids one is refused, and leaves nothing behind", async () => {
    const field = new arrow.Field("v", new arrow.Int32(), false);
    const data = arrow.vectorFromArray([1, null], new arrow.Int32()).data[0]!;
    const schema = new arrow.Schema([field]);
    const batch = new arrow.RecordBatch(
      schema,
      arrow.makeData({ type: new arrow.Struct([field]), length: 2, nullCount: 0, children: [data] }),
    );
    const free = freeBytes(db);
    await expect(db.register("bad", [batch])).rejects.toMatchObject({ code: "invalid-argument" });
    expect(db.tables()).not.toContain("bad");
    expect(freeBytes(db)).toBe(free);
  });

  it("with nested columns, or two columns of one name, is refused by name", async () => {
    const list = arrow.vectorFromArray([[1], [2]], new arrow.List(new arrow.Field("item", new arrow.Int32())));
    await expect(db.register("nested", new arrow.Table({ deep: list }))).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringContaining('"deep"'),
    });
    const v = arrow.vectorFromArray([1], new arrow.Int32());
    await expect(db.register("twice", new arrow.Table({ a: v, A: v }))).rejects.toMatchObject({
      code: "invalid-argument",
    });
  });
});
