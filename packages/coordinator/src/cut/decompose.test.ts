import {
  type AggregateCall,
  type AggregateName,
  boolean,
  columnRef,
  constant,
  type DataType,
  decimal,
  double,
  type Expression,
  hugeint,
  int32,
  int64,
  type Value,
  varchar,
} from "@headcut/plan";
import { fold } from "@headcut/planner";
import { describe, expect, test } from "vitest";
import { type Decomposed, decompose } from "./decompose.ts";

const call = (
  name: AggregateName,
  argument: DataType,
  type: DataType,
  more: Partial<AggregateCall> = {},
): AggregateCall => ({
  name,
  args: name === "countStar" ? [] : [columnRef({ id: 0, name: "x", type: argument, nullable: true })],
  filter: undefined,
  distinct: false,
  orderBy: [],
  type,
  nullable: true,
  ...more,
});

const split = (calls: readonly AggregateCall[], grouped = true): Decomposed | undefined => {
  let next = 100;
  return decompose(
    calls.map((it, i) => ({ id: i + 1, name: `a${i}`, call: it })),
    grouped,
    () => next++,
  );
};

/** The finished value, given the values of the final aggregates. */
const finished = ({ final, finish }: Decomposed, ...values: readonly Value[]): Value => {
  const replace = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(replace);
    if (typeof node !== "object" || node === null) return node;
    const expression = node as Expression;
    if (expression.kind === "column") {
      const index = final.findIndex(({ id }) => id === expression.id);
      return constant(expression.type, values[index]!);
    }
    return Object.fromEntries(Object.entries(node).map(([key, inner]) => [key, replace(inner)]));
  };
  const folded = fold(replace(finish[0]) as Expression);
  expect(folded.kind).toBe("constant");
  return (folded as { value: Value }).value;
};

describe("aggregates in two steps", () => {
  test("counts are added up, and are 0 where there was no part", () => {
    const grouped = split([call("count", int32, int64)])!;
    expect(grouped.partial.map((it) => it.call.name)).toEqual(["count"]);
    expect(grouped.final.map((it) => it.call.name)).toEqual(["sum"]);
    expect(finished(grouped, 7n)).toBe(7n);
    const single = split([call("countStar", int32, int64)], false)!;
    expect(finished(single, null)).toBe(0n);
    expect(finished(single, 9_000_000_000n)).toBe(9_000_000_000n);
    expect(single.finish[0]!.type).toEqual(int64);
    expect(single.finish[0]!.nullable).toBe(false);
  });

  test("an average of decimals is divided as in one step: unscaled sum by count · 10^scale", () => {
    const avg = split([call("avg", decimal(15, 2), double)])!;
    expect(avg.partial.map((it) => it.call.name)).toEqual(["sum", "count"]);
    expect(avg.partial[0]!.call.type).toEqual(decimal(38, 2));
    for (const [sum, count] of [
      [12345n, 7n],
      [1n, 3n],
      [-999_999_999_999_999_999n, 11n],
      [10n ** 20n + 1n, 1_000_003n],
    ] as const) {
      expect(finished(avg, sum, count)).toBe(Number(sum) / (Number(count) * 100));
    }
    expect(finished(avg, null, 0n)).toBe(null);
    // No room to multiply: still right, by a division that may round once more.
    const wide = split([call("avg", decimal(38, 2), double)])!;
    expect(finished(wide, 150n, 2n)).toBe(0.75);
  });

  test("averages of integers and doubles", () => {
    const ints = split([call("avg", int32, double)])!;
    expect(ints.partial[0]!.call.type).toEqual(hugeint);
    expect(finished(ints, 10n, 4n)).toBe(2.5);
    expect(finished(ints, null, null)).toBe(null);
    const doubles = split([call("avg", double, double)])!;
    expect(doubles.partial[0]!.call.type).toEqual(double);
    expect(finished(doubles, 1, 3n)).toBe(1 / 3);
  });

  test("parts that several aggregates need are computed once", () => {
    const all = split([
      call("sum", decimal(15, 2), decimal(38, 2)),
      call("avg", decimal(15, 2), double),
      call("count", decimal(15, 2), int64, { nullable: false }),
    ])!;
    expect(all.partial.map((it) => it.call.name)).toEqual(["sum", "count"]);
    expect(all.final).toHaveLength(2);
  });

  test("filters work below, once; the final step has none of them", () => {
    const filter = columnRef({ id: 5, name: "f", type: boolean, nullable: true });
    for (const name of ["count", "countStar", "sum", "min", "avg", "anyValue"] as const) {
      const { partial, final } = split([call(name, int32, int64, { filter })])!;
      for (const it of partial) expect(it.call.filter).toBe(filter);
      for (const it of final) expect(it.call.filter).toBeUndefined();
    }
  });

  test("first skips parts without rows, whose NULL is no value", () => {
    const filter = columnRef({ id: 5, name: "f", type: boolean, nullable: true });
    const { partial, final } = split([call("first", varchar, varchar, { filter })], false)!;
    expect(partial.map((it) => it.call.name).sort()).toEqual(["countStar", "first"]);
    for (const it of partial) expect(it.call.filter).toBe(filter);
    const rows = partial.find((it) => it.call.name === "countStar")!;
    expect(final[0]!.call.filter).toMatchObject({ kind: "compare", op: "gt", left: { kind: "column", id: rows.id } });
  });

  test("medians need all rows", () => {
    expect(split([call("median", double, double)])).toBeUndefined();
    // One is enough.
    expect(split([call("sum", double, double), call("median", double, double)])).toBeUndefined();
  });

  test("variances are put together from numbers, means and variances, which several share", () => {
    const { partial, final } = split([call("varPop", double, double), call("stddevSamp", double, double)])!;
    expect(partial.map((it) => it.call.name)).toEqual(["count", "avg", "varPop"]);
    const parts = partial.map(({ id }) => id);
    for (const [i, name] of (["varPop", "stddevSamp"] as const).entries()) {
      expect(final[i]!.call.name).toBe(name);
      expect(final[i]!.call.args.map((arg) => (arg.kind === "column" ? arg.id : undefined))).toEqual(parts);
    }
  });

  test("an order makes first, any_value and string_agg need all rows", () => {
    const orderBy = [{ expression: constant(int32, 1), descending: false, nullsFirst: false }];
    expect(split([call("first", int32, int32, { orderBy })])).toBeUndefined();
    expect(split([call("anyValue", int32, int32, { orderBy })])).toBeUndefined();
    expect(split([call("stringAgg", varchar, varchar, { orderBy })])).toBeUndefined();
    expect(split([call("max", int32, int32, { orderBy })])).toBeDefined();
  });
});
