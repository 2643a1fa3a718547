import { describe, expect, test } from "vitest";
import { simplifyAggregates } from "../../src/rules/simplify-aggregates.ts";
import { after, untouched } from "./after-rules.ts";

describe("simplify-aggregates", () => {
  test("counts of what is never NULL count rows; DISTINCT goes where it changes nothing", () => {
    expect(
      after("SELECT count(id), count(n), min(DISTINCT n), count(DISTINCT n) FROM big", simplifyAggregates),
    ).toMatchInlineSnapshot(`
      "
      project "count(id)"#0, "count(n)"#1, "min(DISTINCT n)"#2, "count(DISTINCT n)"#3
        aggregate
          · "count(id)"#0 = count(*)
          · "count(n)"#1 = count(n#4)
          · "min(DISTINCT n)"#2 = min(n#4)
          · "count(DISTINCT n)"#3 = count(DISTINCT n#4)
          scan big (id#5, mid_id#6, small_id#7, n#4, price#8, day#9, tag#10)
      "
    `);
  });
  test("not for columns that may be NULL", () => {
    untouched("SELECT count(n) FROM big", simplifyAggregates);
  });
});
