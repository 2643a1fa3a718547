import {
  boolean,
  type Call,
  constant,
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
  timestamp,
  typeName,
  uint32,
  varchar,
} from "@headcut/plan";
import { describe, expect, it } from "vitest";
import { columnsOf, differences, evaluateAll, testTable } from "./oracle.ts";
import { randomRows } from "./random-values.ts";

const call = (name: string, type: DataType, ...args: Expression[]): Call => ({
  kind: "call",
  name,
  args,
  type,
  nullable: args.some((arg) => arg.nullable),
});

const check = async (
  types: readonly DataType[],
  build: (...columns: Expression[]) => readonly Expression[],
  tolerance = 0,
): Promise<void> => {
  const table = testTable(types, randomRows(types, 400, 61));
  expect(await differences(table, build(...columnsOf(table)), { tolerance })).toEqual([]);
};

const named = (...types: readonly DataType[]) => types.map((type) => [typeName(type), type] as const);
const places = [-20, -3, -1, 0, 1, 2, 30];
const int = (value: number): Expression => constant(int32, value);

describe("numeric functions", () => {
  it.each(named(int8, int32, int64, uint32, decimal(4, 1), decimal(18, 3), decimal(38, 10), float, double))(
    "abs and sign of %s",
    (_, type) => check([type], (a) => [call("abs", type, a!), call("sign", int8, a!)]),
  );
  it.each(named(decimal(4, 1), decimal(18, 3), decimal(18, 0), decimal(38, 10), decimal(3, 3)))(
    "rounding of %s",
    async (_, type) => {
      const { precision, scale } = type as Extract<DataType, { kind: "decimal" }>;
      const whole = decimal(precision, 0);
      const rounded = (a: Expression, n: number) =>
        ["round", "trunc"].map((name) => call(name, decimal(precision, Math.max(0, Math.min(scale, n))), a, int(n)));
      await check([type], (a) => [
        ...["ceil", "floor", "round", "trunc"].map((name) => call(name, whole, a!)),
        ...places.filter((n) => n >= 0).flatMap((n) => rounded(a!, n)),
      ]);
      // DuckDB rounds NULL to 0 where nothing is left.
      const present = randomRows([type], 400, 63).filter(([value]) => value !== null);
      const table = testTable([type], present);
      const [a] = columnsOf(table);
      const expressions = places.filter((n) => n < 0).flatMap((n) => rounded(a!, n));
      expect(await differences(table, expressions)).toEqual([]);
    },
  );
  it.each(named(float, double))("rounding of %s", (_, type) =>
    check(
      [type],
      (a) => [
        ...["ceil", "floor", "round", "trunc"].map((name) => call(name, type, a!)),
        ...places.flatMap((n) => ["round", "trunc"].map((name) => call(name, type, a!, int(n)))),
      ],
      1e-15,
    ),
  );
  it("rounding of integers to tens and hundreds", async () => {
    const table = testTable(
      [int32],
      randomRows([int32], 300, 62).filter(([value]) => value === null || Math.abs(Number(value)) < 2147480000),
    );
    const [a] = columnsOf(table);
    expect(
      await differences(
        table,
        [-9, -3, -1, 0, 5].flatMap((n) => ["round", "trunc"].map((name) => call(name, int32, a!, int(n)))),
      ),
    ).toEqual([]);
    // DuckDB wraps around.
    const edge = testTable([int64, int16], [[9223372036854775807n, 32767]]);
    const [b, c] = columnsOf(edge);
    for (const [outcome] of evaluateAll(edge, [call("round", int64, b!, int(-1)), call("round", int16, c!, int(-1))])) {
      expect(outcome).toMatchObject({ error: { code: "overflow" } });
    }
  });
  it("analytic functions", () =>
    check(
      [double, double],
      (a, b) => [
        ...[
          "sqrt",
          "cbrt",
          "exp",
          "ln",
          "log10",
          "log2",
          "sin",
          "cos",
          "tan",
          "asin",
          "acos",
          "atan",
          "sinh",
          "cosh",
          "tanh",
          "degrees",
          "radians",
        ].map((name) => call(name, double, a!)),
        call("pow", double, a!, b!),
        call("atan2", double, a!, b!),
        call("logb", double, a!, b!),
      ],
      1e-14,
    ));
  it.each(named(float, double))("classify %s", (_, type) =>
    check([type], (a) => ["isnan", "isinf", "isfinite"].map((name) => call(name, boolean, a!))),
  );
  it.each(named(int32, double, decimal(38, 10), varchar, date, timestamp, boolean))(
    "greatest and least of %s",
    (_, type) =>
      check([type, type, type], (a, b, c) => [call("greatest", type, a!, b!, c!), call("least", type, a!, b!, c!)]),
  );
});
