import {
  boolean,
  cast,
  type DataType,
  date,
  decimal,
  double,
  float,
  int8,
  int16,
  int32,
  int64,
  time,
  timestamp,
  timestampTz,
  typeName,
  uint8,
  uint16,
  uint32,
  uint64,
} from "@headcut/plan";
import { describe, expect, it } from "vitest";
import { columnsOf, differences, testTable } from "./oracle.ts";
import { randomRows } from "./random-values.ts";

const numbers: readonly DataType[] = [
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
  decimal(9, 4),
  decimal(18, 3),
  decimal(18, 0),
  decimal(38, 10),
  decimal(30, 0),
];

const check = async (from: DataType, targets: readonly DataType[], seed: number): Promise<void> => {
  const table = testTable([from], randomRows([from], 300, seed));
  const [value] = columnsOf(table);
  const casts = targets.flatMap((to) => [cast(value!, to), cast(value!, to, true)]);
  // DuckDB converts the two words of a HUGEINT, and decimals to FLOAT, with more than one rounding.
  const tolerance = from.kind === "decimal" ? 3e-7 : 0;
  expect(await differences(table, casts, { tolerance })).toEqual([]);
};

describe("casts of numbers", () => {
  it.each(numbers.map((type) => [typeName(type), type] as const))("from %s", async (_, type) => {
    await check(type, [...numbers.filter((to) => to !== type), boolean], 20);
  });
  it("from BOOLEAN", () => check(boolean, numbers, 21));
});

describe("casts of points in time", () => {
  it("between DATE, TIME and TIMESTAMP", async () => {
    await check(date, [timestamp, timestampTz], 22);
    await check(timestamp, [date, time, timestampTz], 23);
    await check(timestampTz, [date, timestamp], 24);
  });
});
