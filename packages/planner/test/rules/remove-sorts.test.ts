import { describe, expect, test } from "vitest";
import { removeSorts } from "../../src/rules/remove-sorts.ts";
import { after, untouched } from "./after-rules.ts";

describe("remove-sorts", () => {
  test("an order that is lost above is not made", () => {
    expect(after("SELECT count(*) FROM (SELECT n FROM big ORDER BY n)", removeSorts)).toMatchInlineSnapshot(`
      "
      project "count(*)"#0
        aggregate
          · "count(*)"#0 = count(*)
          project n#1
            scan big (id#2, mid_id#3, small_id#4, n#1, price#5, day#6, tag#7)
      "
    `);
  });
  test("not under LIMIT, under an aggregate that depends on it, nor at the top", () => {
    untouched("SELECT count(*) FROM (SELECT n FROM big ORDER BY n LIMIT 3)", removeSorts);
    untouched("SELECT string_agg(tag, ',') FROM (SELECT tag FROM big ORDER BY tag)", removeSorts);
    untouched("SELECT n FROM big ORDER BY n", removeSorts);
  });
});
