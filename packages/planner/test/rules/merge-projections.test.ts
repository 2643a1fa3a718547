import { describe, expect, test } from "vitest";
import { mergeProjections } from "../../src/rules/merge-projections.ts";
import { after, untouched } from "./after-rules.ts";

describe("merge-projections", () => {
  test("two projections become one", () => {
    expect(after("SELECT k + 1 AS j FROM (SELECT n + 1 AS k FROM big)", mergeProjections)).toMatchInlineSnapshot(`
      "
      project j#0 = n#1 + 1 + 1
        scan big (id#2, mid_id#3, small_id#4, n#1, price#5, day#6, tag#7)
      "
    `);
  });
  test("not if that computed something twice", () => {
    untouched("SELECT k * k AS j FROM (SELECT n + 1 AS k FROM big)", mergeProjections);
  });
});
