import {
  type Call,
  constant,
  type DataType,
  date,
  double,
  type Expression,
  int64,
  interval,
  time,
  timestamp,
  timestampTz,
  varchar,
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

const UNITS = "millennium century decade year quarter month week day hour minute second millisecond microsecond".split(
  " ",
);
const unit = (name: string): Expression => constant(varchar, name);

const checkRows = async (
  types: readonly DataType[],
  build: (...columns: Expression[]) => readonly Expression[],
  seed: number,
): Promise<void> => {
  const table = testTable(types, randomRows(types, 400, seed));
  expect(await differences(table, build(...columnsOf(table)))).toEqual([]);
};

describe("functions of points in time", () => {
  it("names and last days", async () => {
    await checkRows(
      [date],
      (a) => [call("dayname", varchar, a!), call("monthname", varchar, a!), call("last_day", date, a!)],
      45,
    );
    await checkRows(
      [timestamp],
      (a) => [call("dayname", varchar, a!), call("monthname", varchar, a!), call("last_day", date, a!)],
      46,
    );
  });
  it("date_trunc", async () => {
    await checkRows([timestamp], (a) => UNITS.map((name) => call("date_trunc", timestamp, unit(name), a!)), 47);
    await checkRows([interval], (a) => UNITS.map((name) => call("date_trunc", interval, unit(name), a!)), 48);
  });
  it("date_diff and date_sub", async () => {
    const both = (names: readonly string[]) => (a: Expression | undefined, b: Expression | undefined) =>
      names.flatMap((name) => ["date_diff", "date_sub"].map((f) => call(f, int64, unit(name), a!, b!)));
    await checkRows([timestamp, timestamp], both(UNITS), 49);
    await checkRows([date, date], both(UNITS), 50);
    await checkRows([time, time], both(UNITS.slice(8)), 51);
  });
  it("completes months at their last day", async () => {
    const days = [18262, 18292, 18321, 18322, 18351, 18352, 18382, 18443, 18687];
    const rows = days.flatMap((a) =>
      days.flatMap((b) =>
        [0n, 3600000000n].map((time) => [BigInt(a) * 86400000000n + 1800000000n, BigInt(b) * 86400000000n + time]),
      ),
    );
    const table = testTable([timestamp, timestamp], rows);
    const [a, b] = columnsOf(table);
    expect(
      await differences(table, [call("date_sub", int64, unit("month"), a!, b!), call("age", interval, a!, b!)]),
    ).toEqual([]);
  });
  it("age", () => checkRows([timestamp, timestamp], (a, b) => [call("age", interval, a!, b!)], 52));
  it("are made of parts", async () => {
    const rows = [
      [2024n, 2n, 29n, 23n, 59n, 59.9999995],
      [2023n, 2n, 29n, 0n, 0n, 0],
      [1n, 1n, 1n, 24n, 0n, 0],
      [-5n, 12n, 31n, 1n, 2n, 3.5],
      [2024n, 13n, 1n, 1n, 60n, 1],
      [null, 1n, 1n, 1n, 1n, 61],
      [5881580n, 7n, 10n, 1n, 1n, 0.000001],
      [5881580n, 7n, 11n, 1n, 1n, -1],
    ];
    const table = testTable([int64, int64, int64, int64, int64, double], rows);
    const [y, m, d, h, mi, s] = columnsOf(table);
    expect(
      await differences(table, [
        call("make_date", date, y!, m!, d!),
        call("make_time", time, h!, mi!, s!),
        call("make_timestamp", timestamp, y!, m!, d!, h!, mi!, s!),
      ]),
    ).toEqual([]);
  });
  it("intervals and timestamps of numbers", async () => {
    const integers =
      "to_millennia to_centuries to_decades to_years to_quarters to_months to_weeks to_days to_hours to_minutes to_microseconds".split(
        " ",
      );
    await checkRows([int64], (a) => integers.map((name) => call(name, interval, a!)), 53);
    await checkRows(
      [double],
      (a) => [
        call("to_timestamp", timestampTz, a!),
        call("to_seconds", interval, a!),
        call("to_milliseconds", interval, a!),
      ],
      54,
    );
  });
});
