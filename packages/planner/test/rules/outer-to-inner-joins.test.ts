import { describe, expect, test } from "vitest";
import { outerToInnerJoins } from "../../src/rules/outer-to-inner-joins.ts";
import { pushFilters } from "../../src/rules/push-filters.ts";
import { after, untouched } from "./after-rules.ts";

describe("outer-to-inner-joins", () => {
  const left = "SELECT b.id FROM big b LEFT JOIN mid m ON b.mid_id = m.mid_id WHERE ";
  test("a predicate that NULL fails makes a left join inner, a full join one-sided", () => {
    expect(after(`${left} m.n > 3`, pushFilters, outerToInnerJoins)).toMatchInlineSnapshot(`
      "
      project id#0
        filter n#1 > 3
          join inner on mid_id#2 = mid_id#3
            scan big as b (id#0, mid_id#2, small_id#4, n#5, price#6, day#7, tag#8)
            scan mid as m (mid_id#3, small_id#9, n#1, name#10)
      "
    `);
    expect(
      after(
        "SELECT b.id FROM big b FULL JOIN mid m ON b.mid_id = m.mid_id WHERE b.n > 3",
        pushFilters,
        outerToInnerJoins,
      ),
    ).toMatchInlineSnapshot(`
      "
      project id#0
        filter n#1 > 3
          join left on mid_id#2 = mid_id#3
            scan big as b (id#0, mid_id#2, small_id#4, n#1, price#5, day#6, tag#7)
            scan mid as m (mid_id#3, small_id#8, n#9, name#10)
      "
    `);
  });
  test("an inner join above says the same as a filter", () => {
    expect(
      after(
        "SELECT b.id FROM (big b LEFT JOIN mid m ON b.mid_id = m.mid_id) JOIN small s ON s.n = m.n",
        outerToInnerJoins,
      ),
    ).toMatchInlineSnapshot(`
      "
      project id#0
        join inner on n#1 = n#2
          join inner on mid_id#3 = mid_id#4
            scan big as b (id#0, mid_id#3, small_id#5, n#6, price#7, day#8, tag#9)
            scan mid as m (mid_id#4, small_id#10, n#2, name#11)
          scan small as s (small_id#12, n#1, name#13)
      "
    `);
  });
  test("not for predicates that NULL may pass", () => {
    untouched(`${left} m.n IS NULL`, pushFilters, outerToInnerJoins);
    untouched(`${left} coalesce(m.n, 1) = 1`, pushFilters, outerToInnerJoins);
    untouched(`${left} m.n = 1 OR b.n = 1`, pushFilters, outerToInnerJoins);
    untouched(`${left} m.n IS DISTINCT FROM 1`, pushFilters, outerToInnerJoins);
  });
});
