import {
  and,
  blob,
  boolean,
  type CompareOp,
  compare,
  type DataType,
  date,
  decimal,
  double,
  float,
  int8,
  int16,
  int32,
  int64,
  interval,
  isNull,
  not,
  or,
  time,
  timestamp,
  typeName,
  uint8,
  uint16,
  uint32,
  uint64,
  uuid,
  varchar,
} from "@headcut/plan";
import { describe, expect, it } from "vitest";
import { columnsOf, differences, testTable } from "./oracle.ts";
import { randomRows } from "./random-values.ts";

export const TYPES: readonly DataType[] = [
  boolean,
  int8,
  int16,
  int32,
  int64,
  uint8,
  uint16,
  uint32,
  uint64,
  float,
  double,
  decimal(4, 1),
  decimal(18, 3),
  decimal(38, 10),
  date,
  time,
  timestamp,
  interval,
  varchar,
  blob,
  uuid,
];

const OPS: readonly CompareOp[] = ["eq", "ne", "lt", "le", "gt", "ge", "distinct", "notDistinct"];

describe("comparisons", () => {
  it.each(TYPES.map((type) => [typeName(type), type] as const))("of %s", async (_, type) => {
    const table = testTable([type, type], randomRows([type, type], 300, 1));
    const [a, b] = columnsOf(table);
    expect(
      await differences(
        table,
        OPS.map((op) => compare(op, a!, b!)),
      ),
    ).toEqual([]);
  });
});

describe("three-valued logic", () => {
  it("of every combination of TRUE, FALSE and NULL", async () => {
    const all = [true, false, null];
    const rows = all.flatMap((a) => all.flatMap((b) => all.map((c) => [a, b, c])));
    const table = testTable([boolean, boolean, boolean], rows);
    const [a, b, c] = columnsOf(table);
    const expressions = [
      and(a!, b!, c!),
      or(a!, b!, c!),
      not(and(a!, or(b!, c!))),
      or(and(a!, b!), not(c!)),
      isNull(or(a!, b!)),
      and(a!, not(isNull(b!)), c!),
    ];
    expect(await differences(table, expressions)).toEqual([]);
  });
});
