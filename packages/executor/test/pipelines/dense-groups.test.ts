import {
  boolean,
  type ColumnStatistics,
  date,
  hugeint,
  int32,
  int64,
  uint64,
  type Value,
  varchar,
} from "@headcut/plan";
import { describe, expect, it } from "vitest";
import {
  aggregate,
  type Columns,
  call,
  col,
  filter,
  join,
  project,
  scan,
  type TestTable,
  testTable,
} from "./plan-builder.ts";
import { runPlan } from "./run-plan.ts";

const withStatistics = (
  name: string,
  columns: Columns,
  bounds: Readonly<Record<string, ColumnStatistics>>,
): TestTable => {
  const { table, values } = testTable(name, columns);
  return {
    table: {
      ...table,
      columns: table.columns.map((column) => {
        const statistics = bounds[column.name];
        return statistics === undefined ? column : { ...column, statistics };
      }),
    },
    values,
  };
};

const printed = (value: Value): string => (typeof value === "bigint" ? `${value}n` : JSON.stringify(value));
const sorted = (rows: readonly (readonly Value[])[]): string[] => rows.map((row) => row.map(printed).join(" ")).sort();

/** Groups by the named columns: rows of each group, their sum of `v` and greatest `s`, as the engine and as plain code finds them. */
const check = (
  table: TestTable,
  keys: readonly string[],
  options: { readonly threads: number; readonly batchRows?: number; readonly estimatedRows?: number },
): void => {
  const t = scan(table);
  const plan = {
    ...aggregate(t, Object.fromEntries(keys.map((key) => [key, col(t, key)])), {
      n: call("countStar", int64, []),
      sum: call("sum", hugeint, [col(t, "v")]),
      most: call("max", varchar, [col(t, "s")]),
    }),
    estimatedRows: options.estimatedRows ?? 1,
  };
  const columns = keys.map((key) => table.values[table.table.columns.findIndex(({ name }) => name === key)]!);
  const groups = new Map<string, Value[]>();
  for (let i = 0; i < table.table.rowCount; i++) {
    const key = columns.map((values) => values[i]!);
    const name = key.map(printed).join(" ");
    const [n, sum, most] = (groups.get(name) ?? [0n, 0n, ""]).slice(-3) as [bigint, bigint, string];
    const s = `text ${i % 100}`;
    groups.set(name, [...key, n + 1n, sum + BigInt(i), s > most ? s : most]);
  }
  expect(sorted(runPlan(plan, [table], options).rows)).toEqual(sorted([...groups.values()]));
};

const numbered = (rows: number) => ({
  v: [int32, Array.from({ length: rows }, (_, i) => i)] as const,
  s: [varchar, Array.from({ length: rows }, (_, i) => `text ${i % 100}`)] as const,
});

describe.each([1, 2, 4])("keys with a place of their own, %i threads", (threads) => {
  const size = 1000;
  const numbers = Array.from({ length: size }, (_, i) => i);
  const small = withStatistics(
    "small",
    {
      ...numbered(size),
      i: [int32, numbers.map((i) => (i % 9 === 0 ? null : ((i * 7) % 23) - 11))],
      l: [int64, numbers.map((i) => BigInt((i * 5) % 19) - 2n ** 62n)],
      u: [uint64, numbers.map((i) => 2n ** 64n - 1n - BigInt(i % 3))],
      d: [date, numbers.map((i) => (i % 2 === 0 ? null : -3))],
      t: [boolean, numbers.map((i) => [true, false, null][i % 3]!)],
      none: [int32, numbers.map(() => null)],
    },
    {
      i: { min: -11, max: 11 },
      l: { min: -(2n ** 62n), max: 18n - 2n ** 62n },
      u: { min: 2n ** 64n - 3n, max: 2n ** 64n - 1n },
      d: { min: -3, max: -3 },
    },
  );
  it.each([
    [["i"]],
    [["l"]],
    [["u"]],
    [["d"]],
    [["t"]],
    [["none"]],
    [["i", "t"]],
    [["t", "d", "l"]],
    [["u", "i", "d"]],
  ])("by %j", (keys) => check(small, keys, { threads, batchRows: 10 }));

  it("with bounds that values leave: below, above, a multiple of 2^32 away", () => {
    const keys = numbers.map((i) => {
      const key = BigInt((i * 7919) % 41);
      return key + [0n, 0n, 2n ** 32n, -(2n ** 32n), 100n, -100n, 2n ** 62n][(i >> 3) % 7]!;
    });
    const wrong = withStatistics("wrong", { ...numbered(size), k: [int64, keys] }, { k: { min: 0n, max: 40n } });
    check(wrong, ["k"], { threads, batchRows: 3 });
  });

  it("with bounds that more values leave than the directory has places", () => {
    const keys = Array.from({ length: 20_000 }, (_, i) => (i * 7919) % 9000);
    const wrong = withStatistics("wrong", { ...numbered(20_000), k: [int32, keys] }, { k: { min: 0, max: 5 } });
    check(wrong, ["k"], { threads, batchRows: 500 });
  });

  it.each([
    ["clustered", (i: number) => BigInt(Math.floor(i / 4) * 3 + 5)],
    ["scattered", (i: number) => BigInt(((i * 7919) % 11_000) * 2 + 5)],
    ["every place taken", (i: number) => BigInt((i % 16_383) + 5)],
  ])("many, %s", (_name, key) => {
    const keys = Array.from({ length: 40_000 }, (_, i) => key(i));
    const max = keys.toSorted((a, b) => Number(b - a))[0]!;
    const many = withStatistics("many", { ...numbered(40_000), k: [int64, keys] }, { k: { min: 5n, max } });
    check(many, ["k"], { threads, batchRows: 1000, estimatedRows: 10_000 });
    check(many, ["k"], { threads, batchRows: 1000, estimatedRows: 10 });
  });

  it("of columns that come through a join's padded side, a filter and a projection", () => {
    const left = withStatistics("left", { a: [int32, [1, 2, 3, 4, 4, 9]] }, { a: { min: 1, max: 9 } });
    const right = withStatistics("right", { b: [int32, [2, 4]] }, { b: { min: 2, max: 4 } });
    const [l, r] = [scan(left), scan(right)];
    const joined = join("probeOuter", r, l, [{ build: col(r, "b"), probe: col(l, "a"), nullSafe: false }]);
    const kept = project(filter(joined, { kind: "isNull", arg: col(joined, "b"), type: boolean, nullable: false }), {
      b: col(joined, "b"),
      a: col(joined, "a"),
    });
    const plan = aggregate(kept, { b: col(kept, "b") }, { n: call("countStar", int64, []) });
    expect(runPlan(plan, [left, right], { threads, batchRows: 2 }).rows).toEqual([[null, 3n]]);
    const all = aggregate(joined, { b: col(joined, "b") }, { n: call("countStar", int64, []) });
    expect(sorted(runPlan(all, [left, right], { threads, batchRows: 2 }).rows)).toEqual(
      sorted([
        [null, 3n],
        [2, 1n],
        [4, 2n],
      ]),
    );
  });
});
