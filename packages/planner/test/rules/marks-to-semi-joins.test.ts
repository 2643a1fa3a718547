import { describe, expect, test } from "vitest";
import { marksToSemiJoins } from "../../src/rules/marks-to-semi-joins.ts";
import { pushFilters } from "../../src/rules/push-filters.ts";
import { after, untouched } from "./after-rules.ts";

describe("marks-to-semi-joins", () => {
  test("EXISTS and IN become semi joins, NOT EXISTS an anti join", () => {
    expect(
      after(
        "SELECT id FROM big b WHERE EXISTS (FROM mid m WHERE m.mid_id = b.mid_id) AND NOT EXISTS (FROM small) AND n IN (SELECT n FROM mid)",
        pushFilters,
        marksToSemiJoins,
      ),
    ).toMatchInlineSnapshot(`
      "
      project id#0
        join semi on n#1 = n#2
          join anti
            join dependent semi
              scan big as b (id#0, mid_id#3, small_id#4, n#1, price#5, day#6, tag#7)
              project mid_id#8, small_id#9, n#10, name#11
                filter mid_id#8 = mid_id#3
                  scan mid as m (mid_id#8, small_id#9, n#10, name#11)
            project small_id#12, n#13, name#14
              scan small (small_id#12, n#13, name#14)
          project n#2
            scan mid (mid_id#15, small_id#16, n#2, name#17)
      "
    `);
  });
  test("NOT IN over columns without NULLs is an anti join", () => {
    expect(
      after("SELECT id FROM big WHERE mid_id NOT IN (SELECT mid_id FROM mid)", pushFilters, marksToSemiJoins),
    ).toMatchInlineSnapshot(`
      "
      project id#0
        join anti on mid_id#1 = mid_id#2
          scan big (id#0, mid_id#1, small_id#3, n#4, price#5, day#6, tag#7)
          project mid_id#2
            scan mid (mid_id#2, small_id#8, n#9, name#10)
      "
    `);
  });
  test("not for NOT IN where either side may be NULL, nor for a mark under OR", () => {
    untouched("SELECT id FROM big WHERE n NOT IN (SELECT mid_id FROM mid)", pushFilters, marksToSemiJoins);
    untouched("SELECT id FROM big WHERE mid_id NOT IN (SELECT n FROM mid)", pushFilters, marksToSemiJoins);
    untouched("SELECT id FROM big WHERE n IN (SELECT n FROM mid) OR id = 1", pushFilters, marksToSemiJoins);
  });
});
