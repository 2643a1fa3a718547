import {
  and,
  columnRef,
  constant,
  type Expression,
  int32,
  isNull,
  type LogicalPlan,
  not,
  outputColumns,
} from "@headcut/plan";
import { describe, expect, test } from "vitest";
import { optimize } from "../src/optimize.ts";
import { printLogicalPlan } from "../src/print/print-logical.ts";
import { findFault } from "../src/rules/verify.ts";
import {
  expressionKey,
  freeColumns,
  mapChildren,
  sameExpression,
  substitute,
  transformUp,
} from "../src/traverse/expression.ts";
import { idsOf, mapAllExpressions, outerColumns, transformPlanUp } from "../src/traverse/plan.ts";
import { idsAfter, renumber } from "../src/traverse/renumber.ts";
import { call, cmp, col, eq, filter, int, join, planBuilder, table } from "./build-plan.ts";

const t = table("t", 10, { a: { type: int32 }, n: { type: int32, nullable: true } });

describe("expressions", () => {
  const b = planBuilder();
  const scan = b.scan(t);
  const [a, n] = [col(scan, "a"), col(scan, "n")];

  test("what does not change stays the same object", () => {
    const expression = and(eq(a, int(1)), not(isNull(n)));
    expect(transformUp(expression, (node) => node)).toBe(expression);
    expect(substitute(expression, new Map([[99, a]]))).toBe(expression);
    expect(mapAllExpressions(scan, (node) => node)).toBe(scan);
  });

  test("substituting a nullable column makes what is computed from it nullable, and back", () => {
    const id = [...freeColumns(a)][0]!;
    const less = substitute(cmp("lt", a, int(1)), new Map([[id, n]]));
    expect(less.nullable).toBe(true);
    expect(substitute(less, new Map([[[...freeColumns(n)][0]!, a]])).nullable).toBe(false);
    expect(substitute(cmp("notDistinct", a, int(1)), new Map([[id, n]])).nullable).toBe(false);
  });

  test("COALESCE, written as CASE, is nullable by its last value alone", () => {
    const otherwise = int(0);
    // biome-ignore lint/suspicious/noThenProperty: a branch of the shared expression type.
    const branches = [{ when: not(isNull(n)), then: n }];
    const coalesce: Expression = { kind: "case", branches, otherwise, type: int32, nullable: true };
    expect(mapChildren(coalesce, (child) => (child === otherwise ? int(1) : child)).nullable).toBe(false);
  });

  test("keys tell expressions apart by structure, types and values, not by names", () => {
    expect(sameExpression(eq(a, int(1)), eq({ ...a, name: "other" } as Expression, int(1)))).toBe(true);
    expect(expressionKey(int(1))).not.toBe(expressionKey(constant({ kind: "int64" }, 1n)));
    expect(expressionKey(constant(int32, null))).not.toBe(expressionKey(int(0)));
    expect(sameExpression(cmp("lt", a, n), cmp("lt", n, a))).toBe(false);
  });
});

describe("plans", () => {
  test("outer columns are those that nothing below makes", () => {
    const b = planBuilder();
    const [l, r] = [b.scan(t), b.scan(t)];
    const right = filter(r, eq(col(r, "a"), col(l, "a")), eq(col(r, "n"), int(1)));
    expect([...outerColumns(right)]).toEqual([outputColumns(l)[0]!.id]);
    expect(outerColumns(join("semi", l, right, undefined, true)).size).toBe(0);
  });

  test("a renumbered copy shares no id with the original and is sound", () => {
    const b = planBuilder();
    const l = b.scan(t);
    const plan = b.with(b.aggregate(l, [col(l, "n")], { c: call("sum", col(l, "a")) }), (scan) => {
      const [x, y] = [scan(), scan()];
      return b.mark(x, filter(y, eq(col(y, "c"), col(x, "c"))), eq(col(x, "n"), col(y, "n")));
    });
    const copy = renumber(plan, b.ids);
    const original = collectIds(plan);
    for (const id of collectIds(copy.plan)) expect(original.has(id)).toBe(false);
    expect(printLogicalPlan(copy.plan)).toBe(printLogicalPlan(plan));
    expect(findFault(copy.plan, outputColumns(copy.plan))).toBeUndefined();
    expect(outputColumns(copy.plan).map(({ id }) => id)).toEqual(outputColumns(plan).map(({ id }) => copy.ids.get(id)));
  });

  test("fresh ids come after all that a plan has", () => {
    const b = planBuilder();
    const plan = b.with(b.scan(t), (scan) => scan());
    const next = idsAfter(plan).next();
    for (const id of collectIds(plan)) expect(next).toBeGreaterThan(id);
  });
});

const collectIds = (plan: LogicalPlan): ReadonlySet<number> => {
  const all = new Set<number>();
  transformPlanUp(plan, (node) => {
    for (const id of idsOf(node)) all.add(id);
    return node;
  });
  return all;
};

describe("verification", () => {
  const b = planBuilder();
  const scan = b.scan(t);
  const output = outputColumns(scan);

  test("names what is wrong", () => {
    const foreign = columnRef({ id: 77, name: "x", type: int32, nullable: false });
    expect(findFault(filter(scan, eq(foreign, int(1))), output)).toContain("x#77, which is not there");
    expect(findFault(b.project(scan, { a: col(scan, "a") }), output)).toContain("1 columns instead of 2");
    expect(findFault(join("inner", scan, scan), outputColumns(join("inner", scan, scan)))).toContain("both sides");
    const retyped = {
      ...scan,
      columns: scan.columns.map((column) => ({ ...column, type: { kind: "int64" } as const })),
    };
    expect(findFault(retyped, output)).toContain("BIGINT instead of INTEGER");
    expect(findFault(scan, output)).toBeUndefined();
  });

  test("the driver names the guilty rule", () => {
    const guilty = { name: "guilty-rule", apply: (plan: LogicalPlan) => b.project(plan, { a: col(scan, "a") }) };
    const idle = { name: "idle-rule", apply: (plan: LogicalPlan) => plan };
    expect(optimize(scan, b.ids, [idle]).steps).toEqual([]);
    expect(() => optimize(scan, b.ids, [idle, guilty])).toThrow(/rule guilty-rule broke the plan/);
  });
});
