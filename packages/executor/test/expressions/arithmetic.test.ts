import {
  type Arithmetic,
  type ArithmeticOp,
  type DataType,
  date,
  decimal,
  double,
  type Expression,
  float,
  int8,
  int16,
  int32,
  int64,
  interval,
  type Negate,
  time,
  timestamp,
  typeName,
  uint8,
  uint16,
  uint32,
  uint64,
} from "@headcut/plan";
import { describe, expect, it } from "vitest";
import { columnsOf, differences, testTable } from "./oracle.ts";
import { randomRows } from "./random-values.ts";

const arithmetic = (op: ArithmeticOp, left: Expression, right: Expression, type: DataType): Arithmetic => ({
  kind: "arithmetic",
  op,
  left,
  right,
  type,
  nullable: left.nullable || right.nullable || op === "intdiv" || op === "mod",
});

const negate = (arg: Expression): Negate => ({ kind: "negate", arg, type: arg.type, nullable: arg.nullable });

const named = (types: readonly DataType[]) => types.map((type) => [typeName(type), type] as const);

const check = async (
  types: readonly [DataType, DataType],
  seed: number,
  build: (a: Expression, b: Expression) => readonly Expression[],
  count = 400,
): Promise<void> => {
  const table = testTable(types, randomRows(types, count, seed));
  const [a, b] = columnsOf(table);
  expect(await differences(table, build(a!, b!))).toEqual([]);
};

describe("integer arithmetic", () => {
  it.each(named([int8, int16, int32, int64, uint8, uint16, uint32, uint64]))("of %s is checked", async (_, type) => {
    const ops: ArithmeticOp[] = ["add", "sub", "mul", "intdiv", "mod"];
    await check([type, type], 2, (a, b) => ops.map((op) => arithmetic(op, a, b, type)));
  });
  it.each(named([int8, int16, int32, int64]))("negates %s", async (_, type) => {
    await check([type, type], 3, (a) => [negate(a)]);
  });
});

describe("floating-point arithmetic", () => {
  it.each(named([float, double]))("of %s is IEEE 754", async (_, type) => {
    const ops: ArithmeticOp[] = ["add", "sub", "mul", "div", "intdiv", "mod"];
    await check([type, type], 4, (a, b) => [...ops.map((op) => arithmetic(op, a, b, type)), negate(a)]);
  });
});

describe("decimal arithmetic", () => {
  const sums: [DataType, DataType, DataType][] = [
    [decimal(4, 1), decimal(4, 1), decimal(5, 1)],
    [decimal(15, 2), decimal(16, 2), decimal(17, 2)],
    [decimal(18, 3), decimal(18, 3), decimal(18, 3)],
    [decimal(20, 3), decimal(18, 3), decimal(21, 3)],
    [decimal(38, 10), decimal(38, 10), decimal(38, 10)],
  ];
  it.each(sums)("adds and subtracts %o", async (left, right, type) => {
    await check([left, right], 5, (a, b) => [arithmetic("add", a, b, type), arithmetic("sub", a, b, type)]);
  });
  const products: [DataType, DataType, DataType][] = [
    [decimal(4, 1), decimal(5, 2), decimal(9, 3)],
    [decimal(15, 2), decimal(16, 2), decimal(18, 4)],
    [decimal(18, 2), decimal(18, 2), decimal(18, 4)],
    [decimal(18, 9), decimal(18, 9), decimal(36, 18)],
    [decimal(31, 4), decimal(16, 2), decimal(38, 6)],
    [decimal(38, 4), decimal(38, 6), decimal(38, 10)],
    [decimal(20, 0), decimal(38, 0), decimal(38, 0)],
  ];
  it.each(products)("multiplies %o", async (left, right, type) => {
    await check([left, right], 6, (a, b) => [arithmetic("mul", a, b, type)]);
  });
  it.each(named([decimal(4, 1), decimal(18, 3), decimal(38, 10)]))("takes the remainder of %s", async (_, type) => {
    await check([type, type], 7, (a, b) => [arithmetic("mod", a, b, type), negate(a)]);
  });
});

describe("temporal arithmetic", () => {
  it.each(named([date, timestamp]))("moves %s by intervals", async (_, type) => {
    await check([type, interval], 8, (a, b) => [
      arithmetic("add", a, b, timestamp),
      arithmetic("sub", a, b, timestamp),
      arithmetic("add", b, a, timestamp),
    ]);
  });
  it("moves TIME around midnight", async () => {
    await check([time, interval], 9, (a, b) => [arithmetic("add", a, b, time), arithmetic("sub", a, b, time)]);
  });
  it("subtracts dates and timestamps, moves dates by days", async () => {
    await check([date, date], 10, (a, b) => [arithmetic("sub", a, b, int64)]);
    await check([timestamp, timestamp], 11, (a, b) => [arithmetic("sub", a, b, interval)]);
    await check([date, int16], 12, (a, b) => [arithmetic("add", a, b, date), arithmetic("sub", a, b, date)]);
  });
  it("adds a time to a date", () => check([date, time], 16, (a, b) => [arithmetic("add", a, b, timestamp)]));
  it("adds, subtracts, negates and multiplies intervals", async () => {
    await check([interval, interval], 13, (a, b) => [
      arithmetic("add", a, b, interval),
      arithmetic("sub", a, b, interval),
      negate(a),
    ]);
    await check([interval, int64], 14, (a, b) => [arithmetic("mul", a, b, interval)]);
    await check([interval, double], 15, (a, b) => [
      arithmetic("mul", a, b, interval),
      { ...arithmetic("div", a, b, interval), nullable: true },
    ]);
  });
});
