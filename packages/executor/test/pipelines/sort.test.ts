import {
  compare,
  constant,
  date,
  decimal,
  double,
  type IntervalValue,
  int32,
  int64,
  interval,
  type PhysicalPlan,
  type SortKey,
  uint64,
  type Value,
  varchar,
} from "@headcut/plan";
import { describe, expect, it } from "vitest";
import { aggregate, call, col, filter, limit, project, scan, sort, testTable, topN, unionAll } from "./plan-builder.ts";
import { type RunOptions, runPlan } from "./run-plan.ts";

const rowCount = 700;
const column = (make: (i: number) => Value, nulls = true): Value[] =>
  Array.from({ length: rowCount }, (_, i) => (nulls && (i * 7) % 11 === 0 ? null : make((i * 7919) % rowCount)));
const words = ["", "a", "ab", "abcdefgh", "abcdefghi", "abcdefgz", "žluť", "z"];

const table = testTable("sorted", {
  i: [int32, column((i) => (i % 40) - 20)],
  l: [int64, column((i) => BigInt(i) * (i % 2 === 0 ? 10n ** 15n : -1n), false)],
  u: [uint64, column((i) => 2n ** 64n - 1n - BigInt(i % 9))],
  x: [
    double,
    column((i) => [Number.NaN, -0, 0, 1.5, -1e300, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY][i % 7]!),
  ],
  s: [varchar, column((i) => words[i % words.length]!)],
  d: [decimal(30, 2), column((i) => (BigInt(i) - 300n) * 10n ** 20n)],
  day: [date, column((i) => i - 350)],
  v: [interval, column((i): IntervalValue => ({ months: i % 3, days: i % 50, micros: BigInt(i) }))],
  id: [int32, Array.from({ length: rowCount }, (_, i) => i)],
});

const days = ({ months, days, micros }: IntervalValue): bigint =>
  (BigInt(months) * 30n + BigInt(days)) * 86_400_000_000n + micros;

const bytes = (text: string): string => Buffer.from(text).toString("latin1");

/** Order of two values of one type, NaN last, as SQL has it. */
const order = (a: Value, b: Value): number => {
  if (typeof a === "number" && typeof b === "number") {
    if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
    return a < b ? -1 : a > b ? 1 : 0;
  }
  const key = (value: Value): string | bigint =>
    typeof value === "string" ? bytes(value) : typeof value === "bigint" ? value : days(value as IntervalValue);
  return key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0;
};

const compareBy =
  (positions: readonly number[], keys: readonly Pick<SortKey, "descending" | "nullsFirst">[]) =>
  (left: readonly Value[], right: readonly Value[]): number => {
    for (const [k, position] of positions.entries()) {
      const [a, b] = [left[position]!, right[position]!];
      const { descending, nullsFirst } = keys[k]!;
      if (a === null || b === null) {
        const nulls = (nullsFirst ? -1 : 1) * (Number(a === null) - Number(b === null));
        if (nulls !== 0) return nulls;
      } else {
        const values = (descending ? -1 : 1) * order(a, b);
        if (values !== 0) return values;
      }
    }
    return 0;
  };

const names = table.table.columns.map(({ name }) => name);
const allRows = table.values[0]!.map((_, i) => table.values.map((values) => values[i]!));

const modes: RunOptions[] = [
  { threads: 1 },
  { threads: 3, batchRows: 50, dictionaries: "text" },
  { threads: 5, batchRows: 1 },
];

describe.each(modes)("sort and top-N, $threads threads", (options) => {
  const run = (plan: PhysicalPlan, tables = [table]): Value[][] => runPlan(plan, tables, options).rows;
  /** By the named column, then by the unique id. */
  const keysOf = (plan: PhysicalPlan, name: string, descending: boolean, nullsFirst: boolean): SortKey[] => [
    { expression: col(plan, name), descending, nullsFirst },
    { expression: col(plan, "id"), descending: !descending, nullsFirst: false },
  ];
  const orders = [
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ] as const;

  describe.each(names)("by %s", (name) => {
    it.each(orders)("descending %s, nulls first %s", (descending, nullsFirst) => {
      const input = scan(table);
      const keys = keysOf(input, name, descending, nullsFirst);
      const expected = allRows.toSorted(compareBy([names.indexOf(name), names.indexOf("id")], keys));
      expect(run(sort(input, keys))).toEqual(expected);
      expect(run(topN(input, keys, 10, 3))).toEqual(expected.slice(3, 13));
      expect(run(topN(input, keys, 1000, 690))).toEqual(expected.slice(690));
    });
  });

  it("sorts by one exact key and by a computed one", () => {
    const input = scan(table);
    const byId = sort(input, [{ expression: col(input, "id"), descending: true, nullsFirst: false }]);
    expect(run(project(byId, { id: col(input, "id") }))).toEqual(allRows.map((_, i) => [rowCount - 1 - i]));
    const big = compare("ge", col(input, "id"), constant(int32, 690));
    const computed = sort(input, [
      { expression: big, descending: true, nullsFirst: false },
      { expression: col(input, "id"), descending: false, nullsFirst: false },
    ]);
    const rows = run(project(computed, { id: col(input, "id") }));
    expect(rows.slice(0, 11).flat()).toEqual([690, 691, 692, 693, 694, 695, 696, 697, 698, 699, 0]);
  });

  it("handles no rows, no limit left, and several inputs", () => {
    const input = scan(table);
    const none = filter(input, compare("lt", col(input, "id"), constant(int32, 0)));
    const keys = keysOf(input, "s", false, false);
    expect(run(sort(none, keys))).toEqual([]);
    expect(run(topN(none, keys, 5))).toEqual([]);
    expect(run(topN(input, keys, 0))).toEqual([]);
    expect(run(topN(input, keys, 5, 10_000))).toEqual([]);
    const both = unionAll(project(input, { id: col(input, "id") }), project(scan(table), { id: constant(int32, 5) }));
    const top = topN(both, [{ expression: col(both, "id"), descending: false, nullsFirst: false }], 7);
    expect(run(top).flat()).toEqual([0, 1, 2, 3, 4, 5, 5]);
  });

  it("keeps the order through a limit", () => {
    const input = scan(table);
    const byId = sort(input, [{ expression: col(input, "id"), descending: false, nullsFirst: false }]);
    expect(run(project(limit(byId, 4, 2), { id: col(input, "id") }))).toEqual([[2], [3], [4], [5]]);
  });
});

describe.each([1, 4])("many rows on %i threads", (threads) => {
  const rows = 300_000;
  const many = testTable("many", {
    k: [int64, Array.from({ length: rows }, (_, i) => BigInt(Math.imul(i, 0x9e3779b1) >>> 8))],
    s: [varchar, Array.from({ length: rows }, (_, i) => `word ${(i * 7919) % 1000}`)],
  });

  it("sorts them all", () => {
    const input = scan(many);
    const plan = sort(input, [
      { expression: col(input, "s"), descending: true, nullsFirst: false },
      { expression: col(input, "k"), descending: false, nullsFirst: false },
    ]);
    const result = runPlan(plan, [many], { threads }).rows as [bigint, string][];
    expect(result).toHaveLength(rows);
    let wrong = 0;
    for (let i = 1; i < rows; i++) {
      const [[a, b], [c, d]] = [result[i - 1]!, result[i]!];
      if (b < d || (b === d && a > c)) wrong++;
    }
    expect(wrong).toBe(0);
    const sum = (list: Iterable<bigint>): bigint => [...list].reduce((total, value) => total + value, 0n);
    expect(sum(result.map(([k]) => k))).toBe(sum(many.values[0] as bigint[]));
  });

  it("finds the first in rising and in falling order, which replaces every candidate", () => {
    const rising = testTable("rising", { k: [int64, Array.from({ length: 100_000 }, (_, i) => BigInt(i))] });
    const input = scan(rising);
    for (const descending of [false, true]) {
      const plan = topN(input, [{ expression: col(input, "k"), descending, nullsFirst: false }], 3, 2);
      const expected = descending ? [99_997n, 99_996n, 99_995n] : [2n, 3n, 4n];
      expect(runPlan(plan, [rising], { threads }).rows.flat()).toEqual(expected);
    }
  });

  it("sorts groups", () => {
    const input = scan(many);
    const groups = aggregate(input, { s: col(input, "s") }, { n: call("countStar", int64, []) });
    const plan = topN(groups, [{ expression: col(groups, "s"), descending: false, nullsFirst: false }], 2);
    expect(runPlan(plan, [many], { threads }).rows).toEqual([
      ["word 0", 300n],
      ["word 1", 300n],
    ]);
  });
});
