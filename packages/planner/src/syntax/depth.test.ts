import { QueryError } from "@headcut/plan";
import { expect, test } from "vitest";
import { MAX_NESTING } from "./grammar/base-grammar.ts";
import { parse } from "./parse.ts";
import { MAX_DEPTH } from "./tree-depth.ts";

const nested = (open: string, middle: string, close: string, times: number): string =>
  open.repeat(times) + middle + close.repeat(times);

const deepest: Record<string, (times: number) => string> = {
  parentheses: (times) => `SELECT ${nested("(", "1", ")", times)}`,
  "parentheses never closed": (times) => `SELECT ${"(".repeat(times)}`,
  "function calls": (times) => `SELECT ${nested("f(", "1", ")", times)}`,
  signs: (times) => `SELECT ${"- ".repeat(times)}1`,
  NOT: (times) => `SELECT ${"NOT ".repeat(times)}1`,
  CASE: (times) => `SELECT ${nested("CASE WHEN 1 THEN ", "1", " END", times)}`,
  subqueries: (times) => `SELECT ${nested("(SELECT ", "1", ")", times)}`,
  "subqueries in FROM": (times) => `FROM ${nested("(FROM ", "t", ")", times)}`,
  "parentheses in FROM": (times) => `FROM ${nested("(", "t", ")", times)}`,
  "parenthesised queries": (times) => nested("(", "SELECT 1", ")", times),
  WITH: (times) => nested("WITH a AS (", "SELECT 1", ") SELECT 1", times),
  EXPLAIN: (times) => `${"EXPLAIN ".repeat(times)}SELECT 1`,
  "joins of joins": (times) => `FROM a ${nested("JOIN b ", "", "ON 1 ", times)}`,
  "sums in a row": (times) => `SELECT 1${" + 1".repeat(times)}`,
  "casts in a row": (times) => `SELECT 1${"::int".repeat(times)}`,
  "joins in a row": (times) => `FROM a ${"CROSS JOIN b ".repeat(times)}`,
  "unions in a row": (times) => `SELECT 1 ${"UNION ALL SELECT 1 ".repeat(times)}`,
};

test.each(Object.entries(deepest))("%s, 10,000 deep, are refused", (_, sql) => {
  expect(() => parse(sql(10_000))).toThrow(QueryError);
  expect(() => parse(sql(10_000))).toThrow(/levels deep here/);
  // The parser is as good as new.
  expect(parse("SELECT 1")).toHaveLength(1);
});

test("what is within the limits is parsed", () => {
  expect(parse(deepest.parentheses!(MAX_NESTING - 2))).toHaveLength(1);
  expect(parse(deepest.CASE!(MAX_NESTING - 2))).toHaveLength(1);
  expect(parse(deepest.subqueries!(MAX_NESTING / 2 - 1))).toHaveLength(1);
  expect(parse(deepest["sums in a row"]!(MAX_DEPTH - 10))).toHaveLength(1);
  expect(parse(deepest["unions in a row"]!(MAX_DEPTH - 10))).toHaveLength(1);
});

test("long runs of AND, OR and IN are flat", () => {
  expect(parse(`SELECT a ${"AND a ".repeat(20_000)}`)).toHaveLength(1);
  expect(parse(`SELECT a ${"OR a ".repeat(20_000)}`)).toHaveLength(1);
  expect(parse(`SELECT a IN (${"1, ".repeat(50_000)}1)`)).toHaveLength(1);
  expect(parse(`VALUES ${"(1), ".repeat(20_000)}(1)`)).toHaveLength(1);
});

test("a nearly full call stack is an error, not a crash", () => {
  const measure = (depth: number): number => {
    try {
      return measure(depth + 1);
    } catch {
      return depth;
    }
  };
  const below = (depth: number): unknown => {
    if (depth > 0) return below(depth - 1);
    try {
      return parse(deepest.parentheses!(MAX_NESTING - 10));
    } catch (error) {
      return error;
    }
  };
  expect(below(Math.floor(measure(0) * 0.8))).toBeInstanceOf(QueryError);
  expect(parse("SELECT 1")).toHaveLength(1);
});
