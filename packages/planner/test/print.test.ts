import {
  and,
  cast,
  compare,
  constant,
  date,
  decimal,
  double,
  int32,
  int64,
  interval,
  isNull,
  not,
  or,
  timestamp,
  varchar,
} from "@headcut/plan";
import { describe, expect, test } from "vitest";
import { logicalPlanJson } from "../src/print/plan-json.ts";
import { printExpression } from "../src/print/print-expression.ts";
import { printLogicalPlan } from "../src/print/print-logical.ts";
import { call, cmp, col, eq, filter, int, join, limit, planBuilder, sort, table } from "./build-plan.ts";

const t = table("t", 100, { a: { type: int32 }, b: { type: int32, nullable: true }, "odd name": { type: varchar } });

describe("printExpression", () => {
  const b = planBuilder();
  const scan = b.scan(t);
  const a = col(scan, "a");

  test("parentheses follow precedence", () => {
    const p = cmp("gt", a, int(1));
    expect(printExpression(and(or(p, p), not(and(p, p))))).toBe("(a#0 > 1 OR a#0 > 1) AND NOT (a#0 > 1 AND a#0 > 1)");
    expect(printExpression(not(isNull(a)))).toBe("a#0 IS NOT NULL");
    const sub = (left: typeof a, right: typeof a) =>
      ({ kind: "arithmetic", op: "sub", left, right, type: int32, nullable: false }) as const;
    expect(printExpression(sub(a, sub(a, int(1))))).toBe("a#0 - (a#0 - 1)");
    expect(printExpression(sub(sub(a, a), int(1)))).toBe("a#0 - a#0 - 1");
  });

  test.each([
    [constant(date, 9204), "DATE '1995-03-15'"],
    [constant(date, -1), "DATE '1969-12-31'"],
    [constant(decimal(15, 2), -5n), "-0.05"],
    [constant(decimal(15, 0), 12n), "12"],
    [constant(varchar, "it's"), "'it''s'"],
    [constant(double, 2), "2.0"],
    [constant(int64, null), "NULL"],
    [constant(timestamp, -1n), "TIMESTAMP '1969-12-31 23:59:59.999999'"],
    [constant(interval, { months: 3, days: 0, micros: 1n }), "INTERVAL '3 months 1 microseconds'"],
    [cast(constant(int32, 1), int64), "CAST(1 AS BIGINT)"],
  ])("constant %#", (expression, text) => {
    expect(printExpression(expression)).toBe(text);
  });

  test("names that are no identifiers are quoted", () => {
    expect(printExpression(compare("distinct", col(scan, "odd name"), constant(varchar, "x")))).toBe(
      `"odd name"#0 IS DISTINCT FROM 'x'`,
    );
  });
});

describe("printLogicalPlan", () => {
  const make = (skip: number) => {
    const b = planBuilder();
    for (let i = 0; i < skip; i++) b.ids.next();
    const left = b.scan(t);
    const right = b.scan(t, "u");
    const joined = join(
      "left",
      filter(left, cmp("lt", col(left, "a"), int(3))),
      right,
      eq(col(left, "a"), col(right, "b")),
    );
    const grouped = b.aggregate(joined, [col(left, "a")], { n: call("countStar"), s: call("sum", col(right, "b")) });
    return limit(sort(grouped, col(grouped, "s")), 5, 2);
  };

  test("ids are renumbered by first appearance, so plans that differ in ids alone print alike", () => {
    expect(printLogicalPlan(make(7))).toBe(printLogicalPlan(make(0)));
    expect(printLogicalPlan(make(0))).toMatchInlineSnapshot(`
      "limit 5 offset 2
        sort s#0 NULLS LAST
          aggregate by a#1
            · n#2 = count(*)
            · s#0 = sum(b#3)
            join left on a#1 = b#3
              filter a#1 < 3
                scan t (a#1, b#4, "odd name"#5)
              scan t as u (a#6, b#3, "odd name"#7)"
    `);
  });

  test("JSON form carries operators, columns and types", () => {
    const json = logicalPlanJson(make(0));
    expect(json.operator).toBe("limit");
    expect(json.columns.map(({ name, type }) => `${name} ${type}`)).toEqual([
      "a#0 INTEGER",
      "n#1 BIGINT",
      "s#2 DECIMAL(38,0)",
    ]);
    expect(JSON.parse(JSON.stringify(json))).toEqual(json);
  });
});
