import {
  type DataType,
  decimal,
  int32,
  int64,
  type PhysicalPlan,
  type SortKey,
  type Value,
  varchar,
} from "@headcut/plan";
import { describe, expect, it } from "vitest";
import { col, scan, sort, testTable, topN } from "./plan-builder.ts";
import { runPlan } from "./run-plan.ts";

const ROWS = 3000;
const column = (make: (i: number) => Value): Value[] => Array.from({ length: ROWS }, (_, i) => make((i * 7919) % ROWS));
const or =
  (share: number, make: (i: number) => Value) =>
  (i: number): Value =>
    i % share === 0 ? null : make(i);

const shared = "https://www.example.org/a/path/";
const columns: Record<string, [DataType, Value[]]> = {
  few: [varchar, column((i) => `name ${i % 5}`)],
  fewNull: [varchar, column(or(3, (i) => `name ${i % 5}`))],
  url: [varchar, column((i) => `${shared}${"segment/".repeat(i % 4)}page-${i % 60}`)],
  urlNull: [varchar, column(or(7, (i) => `${shared}${"segment/".repeat(i % 4)}page-${i % 60}`))],
  same: [varchar, column(() => `${shared}always`)],
  ends: [varchar, column((i) => "abcdefghijklmnopqrstuvwx".slice(0, i % 25))],
  zeros: [varchar, column((i) => `ab${"\0".repeat(i % 23)}${i % 2 === 0 ? "" : "c"}`)],
  highBytes: [varchar, column((i) => `žluť\u{10ffff}${String.fromCodePoint(0x80 + (i % 90))}`)],
  small: [int32, column((i) => (i % 3) - 1)],
  extreme: [int64, column(or(4, (i) => [2n ** 63n - 1n, -(2n ** 63n), 0n][i % 3]!))],
  wide: [
    decimal(38, 0),
    column(
      or(
        9,
        (i) => [2n ** 63n - 1n, 2n ** 63n, 2n ** 70n, -(2n ** 63n), -(2n ** 63n) - 1n, -1n, 0n][i % 7]! + BigInt(i % 2),
      ),
    ),
  ],
  id: [int32, Array.from({ length: ROWS }, (_, i) => i)],
};
const table = testTable("ties", columns);
const names = Object.keys(columns);
const bytes = (value: Value): Value => (typeof value === "string" ? Buffer.from(value).toString("latin1") : value);
const rows = table.values[0]!.map((_, i) => table.values.map((values) => values[i]!));

/** By definition, key by key. */
const expected = (keys: readonly (readonly [name: string, descending: boolean, nullsFirst: boolean])[]): number[] =>
  rows
    .toSorted((left, right) => {
      for (const [name, descending, nullsFirst] of keys) {
        const [a, b] = [bytes(left[names.indexOf(name)]!), bytes(right[names.indexOf(name)]!)];
        if (a === b) continue;
        if (a === null || b === null) return (a === null) === nullsFirst ? -1 : 1;
        return a < b === descending ? 1 : -1;
      }
      return 0;
    })
    .map((row) => row.at(-1) as number);

// An estimate of many rows: ties are refined.
const many = (plan: PhysicalPlan): PhysicalPlan => ({ ...plan, estimatedRows: 1_000_000 });

describe.each([1, 3])("rows of equal prefixes on %i threads", (threads) => {
  it.each(
    names.flatMap((first) =>
      ["few", "urlNull", "extreme", "wide"].filter((name) => name !== first).map((second) => [first, second] as const),
    ),
  )("by %s, then %s", (first, second) => {
    const input = many(scan(table));
    for (const [descending, nullsFirst] of [
      [false, false],
      [true, false],
      [true, true],
    ] as const) {
      const order = [
        [first, descending, nullsFirst],
        [second, !descending, nullsFirst],
        ["id", false, false],
      ] as const;
      const keys = order.map(
        ([name, down, nulls]): SortKey => ({ expression: col(input, name), descending: down, nullsFirst: nulls }),
      );
      const sorted = runPlan(sort(input, keys), [table], { threads, batchRows: 100 }).rows;
      const answer = expected(order);
      expect(sorted.map((row) => row.at(-1))).toEqual(answer);
      const top = runPlan(topN(input, keys, 1_000_000, 10), [table], { threads, batchRows: 100 }).rows;
      expect(top.map((row) => row.at(-1))).toEqual(answer.slice(10));
    }
  });

  it("keeps every row when all keys are the same", () => {
    const input = many(scan(table));
    const keys = [{ expression: col(input, "same"), descending: false, nullsFirst: false }];
    const sorted = runPlan(sort(input, keys), [table], { threads }).rows;
    expect(sorted.map((row) => row.at(-1) as number).toSorted((a, b) => a - b)).toEqual(rows.map((_, i) => i));
  });
});
