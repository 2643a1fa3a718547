import { int32, isNull, type LogicalPlan } from "@headcut/plan";
import { describe, expect, test } from "vitest";
import { optimize } from "../../src/optimize.ts";
import { printLogicalPlan } from "../../src/print/print-logical.ts";
import { inlineCtes } from "../../src/rules/inline-ctes.ts";
import { filter, int, join, planBuilder, table } from "../build-plan.ts";

describe("inline-ctes", () => {
  const inlined = (body: (scan: () => LogicalPlan) => LogicalPlan): { before: LogicalPlan; after: LogicalPlan } => {
    const b = planBuilder();
    const before = b.with(b.scan(table("t", 10, { a: { type: int32 } })), body);
    return { before, after: optimize(before, b.ids, [inlineCtes]).plan };
  };
  test("a CTE that is read once is put in place, under the reader's names", () => {
    const { after } = inlined((scan) => filter(scan(), isNull(int(1))));
    expect(`\n${printLogicalPlan(after)}\n`).toMatchInlineSnapshot(`
      "
      filter 1 IS NULL
        project a#0 = a#1
          scan t (a#1)
      "
    `);
  });
  test("not one that is read twice", () => {
    const { before, after } = inlined((scan) => join("inner", scan(), scan()));
    expect(after).toBe(before);
  });
});
