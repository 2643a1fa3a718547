import {
  and,
  boolean,
  constant,
  date,
  decimal,
  type Expression,
  int32,
  int64,
  isNull,
  not,
  or,
  varchar,
} from "@headcut/plan";
import { describe, expect, test } from "vitest";
import { createEstimator } from "../src/statistics/estimator.ts";
import { likeSelectivity } from "../src/statistics/like-selectivity.ts";
import { call, cmp, col, eq, filter, int, join, planBuilder, table } from "./build-plan.ts";

const t = table("t", 1000, {
  key: { type: int64, statistics: { min: 1n, max: 1000n, nullCount: 0 } },
  few: { type: int32, statistics: { min: 1, max: 10, nullCount: 0 } },
  half: { type: int32, nullable: true, statistics: { min: 0, max: 99, nullCount: 500 } },
  day: { type: date, statistics: { min: 0, max: 999, nullCount: 0 } },
  price: { type: decimal(15, 2), statistics: { min: 0n, max: 10_000n, nullCount: 0 } },
  tag: { type: varchar, statistics: { distinctCount: 4, nullCount: 0 } },
});

const b = planBuilder();
const scan = b.scan(t);
const rows = (predicate: Expression): number => Math.round(createEstimator().rows(filter(scan, predicate)));

describe("selectivity", () => {
  test.each([
    ["equality", eq(col(scan, "few"), int(3)), 100],
    ["equality with a text of four values", eq(col(scan, "tag"), constant(varchar, "x")), 250],
    ["outside of the bounds", eq(col(scan, "few"), int(30)), 1],
    ["inequality", cmp("ne", col(scan, "few"), int(3)), 900],
    ["range of dates", cmp("lt", col(scan, "day"), constant(date, 250)), 250],
    [
      "closed range, taken together",
      and(cmp("ge", col(scan, "day"), constant(date, 100)), cmp("lt", col(scan, "day"), constant(date, 200))),
      100,
    ],
    ["range of decimals by value, not by digits", cmp("le", col(scan, "price"), constant(decimal(15, 2), 5000n)), 500],
    [
      "a range that is empty",
      and(cmp("gt", col(scan, "day"), constant(date, 9)), cmp("lt", col(scan, "day"), constant(date, 5))),
      1,
    ],
    ["IS NULL", isNull(col(scan, "half")), 500],
    ["IS NOT NULL", not(isNull(col(scan, "half"))), 500],
    ["NULL passes neither a predicate nor its negation", not(cmp("lt", col(scan, "half"), int(50))), 250],
    ["OR", or(eq(col(scan, "few"), int(3)), eq(col(scan, "few"), int(4))), 190],
    ["FALSE", constant(boolean, false), 1],
  ])("%s", (_, predicate, expected) => {
    // Half a step at the edges of ranges is within what an estimate may be off.
    expect(Math.abs(rows(predicate) - expected)).toBeLessThanOrEqual(expected * 0.03 + 1);
  });

  test("LIKE: longer patterns are rarer, anchored ones more so, % alone matches all", () => {
    expect(likeSelectivity("%", undefined)).toBe(1);
    expect(likeSelectivity("%abc%", undefined)).toBeGreaterThan(likeSelectivity("%abcdef%", undefined));
    expect(likeSelectivity("%abc%", undefined)).toBeGreaterThan(likeSelectivity("abc%", undefined));
    // An escaped % is a character like any other.
    expect(likeSelectivity("a\\%", "\\")).toBe(likeSelectivity("ab", undefined));
  });
});

describe("joins and groups", () => {
  const orders = table("orders", 1500, { id: { type: int64, statistics: { min: 1n, max: 6000n, nullCount: 0 } } });
  const items = table("items", 6000, {
    id: { type: int64, statistics: { min: 1n, max: 6000n, nullCount: 0 } },
    part: { type: int32, statistics: { min: 1, max: 100, nullCount: 0 } },
    supplier: { type: int32, statistics: { min: 1, max: 10, nullCount: 0 } },
  });
  const offers = table("offers", 400, {
    part: { type: int32, statistics: { min: 1, max: 100, nullCount: 0 } },
    supplier: { type: int32, statistics: { min: 1, max: 10, nullCount: 0 } },
  });
  const vip = table("vip", 10, { id: { type: int64, statistics: { min: 1n, max: 5900n, nullCount: 0 } } });
  const estimator = createEstimator();
  const [o, i, f, v] = [b.scan(orders), b.scan(items), b.scan(offers), b.scan(vip)];

  test("a foreign key to a sparse key finds its partner each time", () => {
    expect(estimator.rows(join("inner", i, o, eq(col(i, "id"), col(o, "id"))))).toBe(6000);
  });
  test("a few keys are a sample of many, not the other way round", () => {
    expect(estimator.rows(join("inner", o, v, eq(col(o, "id"), col(v, "id"))))).toBeLessThanOrEqual(15);
  });
  test("a composite key has no more values than its table has rows", () => {
    const both = and(eq(col(i, "part"), col(f, "part")), eq(col(i, "supplier"), col(f, "supplier")));
    expect(estimator.rows(join("inner", i, f, both))).toBe(6000);
  });
  test("a semi join keeps the share of keys that are left on the right", () => {
    const tenth = filter(o, cmp("le", col(o, "id"), constant(int64, 600n)));
    const kept = estimator.rows(join("semi", i, tenth, eq(col(i, "id"), col(o, "id"))));
    expect(kept).toBeGreaterThan(500);
    expect(kept).toBeLessThan(700);
  });
  test("outer joins keep at least their preserved side", () => {
    const nothing = filter(v, eq(col(v, "id"), constant(int64, 1n)));
    expect(estimator.rows(join("left", i, nothing, eq(col(i, "id"), col(v, "id"))))).toBe(6000);
    expect(estimator.rows(join("full", i, o))).toBe(9_000_000);
  });
  test("groups: no more than rows, one without keys", () => {
    const groups = (...keys: Expression[]) => estimator.rows(b.aggregate(i, keys, { n: call("countStar") }));
    expect(groups(col(i, "part"))).toBe(100);
    expect(groups()).toBe(1);
    expect(groups(col(i, "id"), col(i, "part"))).toBe(6000);
  });
});
