import { describe, expect, test } from "vitest";
import { derivePredicates } from "../../src/rules/derive-predicates.ts";
import { marksToSemiJoins } from "../../src/rules/marks-to-semi-joins.ts";
import { pushFilters } from "../../src/rules/push-filters.ts";
import { after, untouched } from "./after-rules.ts";

describe("derive-predicates", () => {
  test("constants cross equality joins", () => {
    expect(
      after(
        "SELECT b.id FROM big b JOIN mid m ON b.mid_id = m.mid_id WHERE b.mid_id BETWEEN 3 AND 5",
        pushFilters,
        derivePredicates,
      ),
    ).toMatchInlineSnapshot(`
      "
      project id#0
        join inner on mid_id#1 = mid_id#2
          scan big as b (id#0, mid_id#1, small_id#3, n#4, price#5, day#6, tag#7)
            · filter mid_id#1 >= 3
            · filter mid_id#1 <= 5
          filter mid_id#2 >= 3 AND mid_id#2 <= 5
            scan mid as m (mid_id#2, small_id#8, n#9, name#10)
      "
    `);
  });
  test("from the preserved side of a left join to the padded one, not back", () => {
    expect(
      after(
        "SELECT b.id FROM big b LEFT JOIN mid m ON b.mid_id = m.mid_id WHERE b.mid_id = 7",
        pushFilters,
        derivePredicates,
      ),
    ).toMatchInlineSnapshot(`
      "
      project id#0
        join left on mid_id#1 = mid_id#2
          scan big as b (id#0, mid_id#1, small_id#3, n#4, price#5, day#6, tag#7)
            · filter mid_id#1 = 7
          filter mid_id#2 = 7
            scan mid as m (mid_id#2, small_id#8, n#9, name#10)
      "
    `);
    untouched(
      "SELECT b.id FROM big b LEFT JOIN mid m ON b.mid_id = m.mid_id AND m.mid_id = 7",
      pushFilters,
      derivePredicates,
    );
  });
  test("not across a mark join, which tells NULL from FALSE", () => {
    untouched(
      "SELECT id FROM big WHERE n NOT IN (SELECT n FROM mid) AND n > 3",
      pushFilters,
      marksToSemiJoins,
      derivePredicates,
    );
  });
});
