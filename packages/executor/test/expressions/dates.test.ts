import {
  type Call,
  type DataType,
  date,
  double,
  type Expression,
  int64,
  interval,
  time,
  timestamp,
} from "@headcut/plan";
import { describe, expect, it } from "vitest";
import { columnsOf, differences, testTable } from "./oracle.ts";
import { randomRows } from "./random-values.ts";

const call = (name: string, type: DataType, ...args: Expression[]): Call => ({
  kind: "call",
  name,
  args,
  type,
  nullable: args.some((arg) => arg.nullable),
});

const check = async (type: DataType, names: readonly (readonly [string, DataType])[], seed: number): Promise<void> => {
  const table = testTable([type], randomRows([type], 400, seed));
  const [a] = columnsOf(table);
  expect(
    await differences(
      table,
      names.map(([name, result]) => call(name, result, a!)),
    ),
  ).toEqual([]);
};

const integers = (names: string) => names.split(" ").map((name) => [name, int64] as const);
const CALENDAR = "year month day quarter decade century millennium";
const CLOCK = "hour minute second millisecond microsecond";
const POINT = "week dayofweek isodow dayofyear isoyear yearweek era";

describe("parts", () => {
  it("of DATE", () => check(date, [...integers(`${CALENDAR} ${POINT}`), ["epoch", double], ["julian", double]], 41));
  it("of TIMESTAMP", () =>
    check(
      timestamp,
      [...integers(`${CALENDAR} ${POINT} ${CLOCK} epoch_ms epoch_us`), ["epoch", double], ["julian", double]],
      42,
    ));
  it("of INTERVAL", () => check(interval, [...integers(`${CALENDAR} ${CLOCK}`), ["epoch", double]], 43));
  it("of TIME", () => check(time, [...integers(CLOCK), ["epoch", double]], 44));
});
